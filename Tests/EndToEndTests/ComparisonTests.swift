import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// `segmpi compare` and `segmpi curve`, on tables as users have them.
  @Suite("Comparisons", .serialized, .timeLimit(.minutes(2)))
  struct ComparisonTests {
    /// A folder of a test's own with one table of metrics a name and values.
    private final class Tables {
      let path = NSTemporaryDirectory() + "segmpi-\(UUID().uuidString.prefix(8))"

      init(_ systems: [String: [Double]] = [:]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, values) in systems {
          let rows = values.enumerated().map { "s\($0),\($1)\n" }.joined()
          try write("\(name).csv", "subject,dice\n" + rows)
        }
      }

      deinit { try? FileManager.default.removeItem(atPath: path) }

      func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
      }
    }

    // Multiples of 1/32; SciPy 1.17.1: wilcoxon(a, b), p 0.046875, W 5.
    static let first = [12.0, 15, 11, 18, 14, 13, 17, 16, 10, 19].map { $0 / 32 }
    static let second = [13.0, 15, 14, 17, 18, 15, 18, 20, 9, 25].map { $0 / 32 }

    @Test("every form of a comparison holds SciPy's p-value, alone and under mpirun")
    func forms() throws {
      let tables = try Tables(["a": Self.first, "b": Self.second])
      let arguments = ["compare", "\(tables.path)/a.csv", "\(tables.path)/b.csv"]
      for form in [[], ["--json"], ["--markdown"], ["--csv"]] {
        let alone = try Binary.run(arguments + form)
        #expect(alone.status == 0, "\(alone.errors)")
        let isFull = form == ["--json"] || form == ["--csv"]
        #expect(alone.output.contains(isFull ? "0.046875" : "0.0469"))
        let together = try Binary.run(arguments + form, ranks: 2)
        #expect(together.status == 0 && together.output == alone.output)
      }
      let csv = try Binary.run(arguments + ["--csv"])
      #expect(csv.output.contains(",exact,0.046875,holm,0.046875,*,"))
    }

    @Test("one system, an unknown test and two results at once are wrong usage")
    func usage() throws {
      let tables = try Tables(["a": Self.first, "b": Self.second])
      let (first, second) = ("\(tables.path)/a.csv", "\(tables.path)/b.csv")
      for more in [
        [first], [first, second, "--test", "student"], [first, second, "--resamples", "0"],
        [first, second, "--test", "kruskal", "--fit", "power", "--json"],
      ] {
        let run = try Binary.run(["compare"] + more)
        #expect(run.status == 64 && run.output.isEmpty, "\(more)")
      }
    }

    @Test("what cannot be compared ends with status 1 and a sentence with the remedy")
    func refusals() throws {
      let tables = try Tables(["a": Self.first, "b": Self.second])
      try tables.write("scores.csv", "score,truth\nnan,1\n")
      let (first, second) = ("\(tables.path)/a.csv", "\(tables.path)/b.csv")
      let cases: [([String], String)] = [
        (["compare", first, "\(tables.path)/none"], "nothing at"),
        (["compare", first, second, "--metric", "dcie"], "did you mean dice?"),
        (["compare", first, second, "--label", "femur"], "its structures are all"),
        (["compare", first, second, "--fit", "power"], "=N"),
        (["curve", "\(tables.path)/scores.csv"], "Line 2"),
      ]
      for (arguments, sentence) in cases {
        let run = try Binary.run(arguments)
        #expect(run.status == 1 && run.output.isEmpty, "\(arguments)")
        #expect(run.errors.hasPrefix("segmpi: ") && run.errors.contains(sentence), "\(run.errors)")
        #expect(!run.errors.contains("?."))
      }
    }

    @Test("a curve's areas are scikit-learn's")
    func curve() throws {
      let tables = try Tables()
      try tables.write(
        "scores.csv",
        "score,truth\n0.1,0\n0.4,0\n0.35,1\n0.8,1\n0.4,0\n0.4,1\n0.2,0\n0.9,1\n0.65,1\n0.5,0\n")
      let run = try Binary.run(["curve", "\(tables.path)/scores.csv", "--json"])
      #expect(run.status == 0, "\(run.errors)")
      struct Form: Decodable {
        struct Figures: Decodable {
          var areaUnderROC: Double
          var averagePrecision: Double
        }
        var pooled: Figures
      }
      let pooled = try JSONDecoder().decode(Form.self, from: Data(run.output.utf8)).pooled
      // roc_auc_score, average_precision_score, scikit-learn 1.9.1
      #expect(pooled.areaUnderROC == 0.8)
      #expect(abs(pooled.averagePrecision - 0.8392857142857143) < 1e-15)
    }
  }
}
