import DistTrainer
import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// The command line itself: help, usage, figures, and what is started where.
  @Suite("The command line", .serialized, .timeLimit(.minutes(2)))
  struct CommandTests {
    @Test("every subcommand that the help lists has a help of its own")
    func help() throws {
      let help = try Binary.run(["--help"])
      #expect(help.status == 0)
      let found = try subcommands(in: help.output)
      #expect(Set(["phantom", "train", "bench"]).isSubset(of: found))
      for command in found {
        let own = try Binary.run([command, "--help"])
        #expect(own.status == 0, "\(own.errors)")
        #expect(own.output.contains("USAGE: segmpi \(command)"))
      }
      let step = try Binary.run(["bench", "step", "--help"])
      #expect(step.status == 0 && step.output.contains("USAGE: segmpi bench step"))
    }

    private func subcommands(in help: String) throws -> [String] {
      let list = try #require(help.range(of: "SUBCOMMANDS:\n"))
      // A name stands after two spaces; a description that goes on in the next line after more.
      return help[list.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        .prefix { $0.hasPrefix("  ") }
        .filter { !$0.hasPrefix("   ") }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    @Test(
      "wrong usage ends with status 64 and the usage",
      arguments: [
        ["nonsense"], ["train"], ["train", "a.yaml", "--fold", "x"],
        ["train", "a.yaml", "--nonsense"],
        ["bench", "patches", "--extent", "4"],
        ["bench", "step", "--precision", "double"], ["bench", "step", "--repetitions", "0"],
        ["phantom"], ["phantom", "folder", "--shape", "1,2"],
        ["threshold"], ["threshold", "run", "--rule", "best"],
        ["ensemble", "a", "out"], ["ensemble", "a", "b", "out", "--weights", "1"],
        ["ensemble", "a", "b", "out", "--weights", "1,0"],
        ["ensemble", "a", "b", "out", "--vote", "majority", "--probabilities"],
        ["postprocess", "in", "out"], ["postprocess", "in", "--fill-holes"],
        ["postprocess", "in", "out", "--largest", "1+x"],
        ["postprocess", "in", "out", "--largest", "0"],
        ["postprocess", "in", "out", "--minimum-size", "20"],
        ["postprocess", "in", "out", "--fill-holes", "--connectivity", "8"],
        ["postprocess", "in", "out", "--fill-holes", "--json"],
        ["postprocess", "run", "--determine", "--fill-holes"],
      ])
    func usage(arguments: [String]) throws {
      let run = try Binary.run(arguments)
      #expect(run.status == 64)
      #expect(run.errors.contains("Usage: segmpi"))
      #expect(run.output.isEmpty)
    }

    @Test("bench step prints its figures as JSON")
    func bench() throws {
      let run = try Binary.run([
        "bench", "step", "--json", "--repetitions", "1", "--warm-up", "0", "--precision", "float32",
        "--threads", "1",
      ])
      try #require(run.status == 0, "\(run.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
      let figures = try #require(object as? [String: Any])
      #expect(
        Set(figures.keys) == [
          "stepMilliseconds", "minimumMilliseconds", "maximumMilliseconds", "repetitions", "parts",
          "gigaflopsPerSecond", "arenaBytes", "unsharedBytes", "precision", "engine",
        ])
      #expect(figures["precision"] as? String == "float32")
      #expect(figures["repetitions"] as? Int == 1)
      #expect(try #require(figures["stepMilliseconds"] as? Double) > 0)
      let parts = try #require(figures["parts"] as? [String: Double])
      #expect(
        Set(parts.keys) == [
          "load", "augment", "wait", "waitFraction", "compute", "reduce", "update", "exposed",
          "underWay", "exposedFraction",
        ])
    }

    @Test("bench patches prints its figures as JSON")
    func benchPatches() throws {
      let run = try Binary.run([
        "bench", "patches", "--json", "--extent", "16", "--repetitions", "3",
      ])
      try #require(run.status == 0, "\(run.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
      let figures = try #require(object as? [String: Any])
      #expect(figures["extent"] as? Int == 16 && figures["repetitions"] as? Int == 3)
      #expect(try #require(figures["patchesPerSecond"] as? Double) > 0)
      let parts = try #require(figures["parts"] as? [String: Double])
      #expect(Set(parts.keys).isSuperset(of: ["copy", "affine", "elastic", "noise", "biasField"]))
    }

    @Test("augment makes a picture for each step of a configuration, and one of all")
    func augment() throws {
      let workshop = try Workshop()
      let folder = workshop.path + "/pictures"
      let run = try Binary.run(["augment", folder, "--config", try workshop.configuration()])
      try #require(run.status == 0, "\(run.errors)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          == ["0-flip.png", "1-noise.png", "all.png"])
      let lost = try Binary.run(["augment", folder, "--config", folder + "/none.yaml"])
      #expect(lost.status == 1 && lost.errors.contains("none.yaml"))
    }

    @Test("MPI's components are loaded under mpirun and not otherwise", arguments: [nil, 1])
    func startUp(ranks: Int?) throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 1")
      let program = try Binary.start(
        [
          "train", configuration, "--output", "\(workshop.path)/run", "--fold", "0", "--set",
          "training.epochs=1000",
        ], ranks: ranks)
      let latest = workshop.folder("run").fold(0).checkpoint(.latest)
      while program.isRunning, !FileManager.default.fileExists(atPath: latest) {
        Thread.sleep(forTimeInterval: 0.01)
      }
      let process = try #require(
        program.processes.first { ProcessTree.name(of: $0) == "segmpi" })
      let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(process)/maps"))
      let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
      // Open MPI opens these while it starts; the library itself is linked either way.
      #expect(maps.contains("libmpi"))
      #expect(maps.contains("mca_pml_") == (ranks != nil))
      program.kill()
      _ = try program.wait()
    }
  }
}
