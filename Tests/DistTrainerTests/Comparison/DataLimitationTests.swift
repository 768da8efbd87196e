import DistTrainer
import Evaluation
import Foundation
import Testing

@Suite struct DataLimitationTests {
  static func system(_ name: String, _ values: [Double], size: Double?) -> MeasuredSystem {
    SystemComparisonTests.system(name, values, size: size)
  }

  @Test("runs of one size are pooled, and a power law goes through the means")
  func law() throws {
    let limitation = try DataLimitation(
      [
        Self.system("c", [0.83, 0.86], size: 40), Self.system("a1", [0.7, 0.72], size: 10),
        Self.system("a2", [0.5], size: 10), Self.system("b", [0.8, 0.78], size: 20),
      ], metric: "dice", label: "1")
    let label = try #require(limitation.labels.first)
    #expect(label.label == "femur")
    #expect(label.points.map(\.subjects) == [10, 20, 40])
    #expect(label.points.map(\.systems) == [["a1", "a2"], ["b"], ["c"]])
    #expect(label.points.map(\.aggregate.defined) == [3, 2, 2])
    // m = [mean([.7, .72, .5]), mean([.8, .78]), mean([.83, .86])]; SciPy 1.17.1 as in the tests
    // of PowerLaw, x = [10, 20, 40]
    let law = try #require(label.law)
    #expect(abs(law.coefficient - 0.42550650224463604) < 1e-12)
    #expect(abs(law.exponent - 0.19098781075899804) < 1e-12)
    #expect(abs(try #require(law.rSquared) - 0.9164701163280358) < 1e-12)
    #expect(limitation.text.contains("dice = 0.4255 n^0.1910, R2 = 0.9165 in log space."))
    #expect(limitation.markdown.contains("| 10 | 2 | 3 | 0.6400 |"))
    let rows = try CSV.rows(of: limitation.csv)
    #expect(rows.map(\.fields.count) == [12, 12, 12, 12])
    let object = try JSONSerialization.jsonObject(with: Data(limitation.json.utf8))
    #expect((object as? [String: Any])?["metric"] as? String == "dice")
  }

  @Test("where there is no law the reason stands in its place")
  func gaps() throws {
    let one = try DataLimitation(
      [Self.system("a", [0.5], size: 10), Self.system("b", [0.6], size: 10)], metric: "dice")
    #expect(one.labels[0].law == nil)
    #expect(one.text.contains("There is no power law. All were trained on the same number"))
    #expect(one.json.contains("\"powerLaw\": null"))
    let zero = try DataLimitation(
      [Self.system("a", [0], size: 10), Self.system("b", [0.6], size: 20)], metric: "dice")
    #expect(zero.labels[0].gap?.contains("positive values only") == true)
    let flat = try DataLimitation(
      [Self.system("a", [0.5], size: 10), Self.system("b", [0.5], size: 20)], metric: "dice")
    #expect(flat.text.contains("R2 is not defined"))
  }

  @Test("a system that does not know its training size is named with the remedy")
  func unknown() throws {
    let error = #expect(throws: ComparisonError.self) {
      try DataLimitation(
        [Self.system("a", [0.5], size: nil), Self.system("b", [0.6], size: 20)], metric: "dice")
    }
    #expect(error?.description.contains("=N") == true)
    #expect(throws: ComparisonError.self) {
      try DataLimitation([Self.system("a", [0.5], size: 3)], metric: "dice")
    }
  }
}
