import DistTrainer
import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// Bad input ends with status 1 and one sentence, on every number of ranks, and harms nothing.
  @Suite("Bad input", .serialized, .timeLimit(.minutes(3)))
  struct BadInputTests {
    @Test(
      "is refused before training, in one sentence", arguments: Fault.configurations + Fault.files)
    func refused(fault: Fault) throws {
      let workshop = try Workshop()
      let arguments = try fault.arrange(workshop)
      let output = arguments.contains("--output") ? [] : ["--output", "\(workshop.path)/run"]
      for ranks in [nil, 3] {
        let run = try Binary.run(["train"] + arguments + output, ranks: ranks, timeoutSeconds: 30)
        expectRefusal(run, ranks: ranks, names: fault.named)
        #expect(!FileManager.default.fileExists(atPath: "\(workshop.path)/run"))
      }
    }

    @Test("a run is neither overwritten nor continued with other settings")
    func existingRun() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let run = try workshop.train(configuration, into: "run", "--fold", "0")
      let before = try contents(of: run.path)
      let arguments = ["train", configuration, "--output", run.path]
      for ranks in [nil, 3] {
        let again = try Binary.run(arguments, ranks: ranks)
        expectRefusal(again, ranks: ranks, names: [run.path, "--continue", "--output"])
        let changed = try Binary.run(
          arguments + ["--continue", "--set", "optimizer.learningRate=0.5"], ranks: ranks)
        expectRefusal(
          changed, ranks: ranks,
          names: [run.path, "optimizer.learningRate is 0.01 there and 0.5 here", "--output"])
      }
      #expect(try contents(of: run.path) == before)
    }

    @Test("a checkpoint of another network, another fold, or damaged, is not taken up")
    func foreignCheckpoint() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let run = try workshop.train(configuration, into: "run", "--fold", "0")
      let wider = try workshop.configuration(named: "wider", network: ", maxFeatures: 6")
      let other = try workshop.train(wider, into: "other", "--fold", "0")
      let target = run.fold(0).checkpoint(.final)
      let foreign = try Data(contentsOf: URL(filePath: other.fold(0).checkpoint(.final)))
      let own = try Data(contentsOf: URL(filePath: target))
      // Where these are, a damaged checkpoint is passed over for them.
      for kind in [FoldFolder.Checkpoint.latest, .previous] {
        try FileManager.default.removeItem(atPath: run.fold(0).checkpoint(kind))
      }
      let cases: [(Data, String, [String])] = [
        (foreign, target, ["network.maxFeatures is 6 there and null here", "--output"]),
        (own.prefix(own.count / 2), target, ["is damaged", "remove it"]),
        (Data("nonsense".utf8), target, ["is damaged", "remove it"]),
        (own, run.fold(1).checkpoint(.latest), ["belongs to fold 0, not 1", "own folder"]),
      ]
      for (bytes, path, named) in cases {
        try bytes.write(to: URL(filePath: path))
        let before = try contents(of: run.path)
        for ranks in [nil, 3] {
          let again = try Binary.run(
            ["train", configuration, "--output", run.path, "--continue"], ranks: ranks)
          expectRefusal(again, ranks: ranks, names: [path] + named)
        }
        #expect(try contents(of: run.path) == before)
        try own.write(to: URL(filePath: target))
      }
    }

    @Test("a table that an earlier call left and that is damaged is named")
    func damagedTable() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let run = try workshop.train(configuration, into: "run", "--fold", "0")
      let table = run.fold(0).validation.metrics
      let text = try String(contentsOfFile: table, encoding: .utf8)
      try text.split(separator: "\n").dropLast().joined(separator: "\n")
        .write(toFile: table, atomically: true, encoding: .utf8)
      let next = ["train", configuration, "--output", run.path, "--fold", "1", "--continue"]
      for ranks in [nil, 3] {
        let again = try Binary.run(next, ranks: ranks)
        expectRefusal(again, ranks: ranks, names: [table, "--fold 0 --continue"])
      }
    }

    @Test("two runs do not write one folder")
    func lockedFolder() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 1")
      let arguments = ["train", configuration, "--output", "\(workshop.path)/run", "--fold", "0"]
      let first = try Binary.start(arguments + ["--set", "training.epochs=1000"])
      let latest = workshop.folder("run").fold(0).checkpoint(.latest)
      while first.isRunning, !FileManager.default.fileExists(atPath: latest) {
        Thread.sleep(forTimeInterval: 0.01)
      }
      let second = try Binary.run(
        arguments + ["--set", "training.epochs=1000", "--continue"], timeoutSeconds: 30)
      expectRefusal(
        second, ranks: nil, names: ["\(workshop.path)/run", "another run", "--output"])
      first.kill()
      _ = try first.wait()
    }

    @Test("a full disk ends the run, and the checkpoint that was saved before is whole")
    func fullDisk() throws {
      let workshop = try Workshop()
      let probe = try ProgramRun.run("/usr/bin/env", ["unshare", "-rm", "true"])
      guard probe.status == 0 else {
        let reason = "no mount namespaces here, so no full disk can be made: \(probe.errors)"
        withKnownIssue("skipped") { Issue.record(Comment(rawValue: reason)) }
        return
      }
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 3")
      let checkpoint = workshop.folder("sample").fold(0).checkpoint(.latest)
      _ = try workshop.train(configuration, into: "sample", "--fold", "0")
      let size = try Data(contentsOf: URL(filePath: checkpoint)).count
      // Room for folders, tables and one and a half checkpoints: the first is saved, and the second,
      // which stands beside it until it is complete, is not.
      let room = (24 << 10) + size * 3 / 2
      let script = """
        mkdir -p "$1" "$2" && mount -t tmpfs -o size=\(room) tmpfs "$1" || exit 99
        run=$1 kept=$2; shift 2
        "$@"; status=$?
        cp -a "$run/." "$kept"; exit $status
        """
      for ranks in [nil, 3] {
        let run = workshop.folder("small\(ranks ?? 0)")
        let kept = workshop.folder("kept\(ranks ?? 0)")
        let launcher = ranks.map { ["mpirun", "-n", "\($0)"] } ?? []
        let end = try ProgramRun.run(
          "/usr/bin/env",
          ["unshare", "-rm", "sh", "-c", script, "sh", run.path, kept.path] + launcher
            + [Binary.path, "train", configuration, "--fold", "0", "--output", run.path])
        expectRefusal(
          end, ranks: ranks,
          names: [run.fold(0).checkpoint(.latest), "No space left", "free space", "is kept"])
        let path = kept.fold(0).checkpoint(.latest)
        let saved = try Checkpoint(
          reading: [UInt8](Data(contentsOf: URL(filePath: path))), name: path)
        #expect(try saved.progress().step == 3)
        // With room, the run goes on from there to the same end.
        let whole = try workshop.train(
          configuration, into: "kept\(ranks ?? 0)", "--fold", "0", "--continue")
        let results = try RunResults(of: whole, folds: [0])
        let expected = try RunResults(of: workshop.folder("sample"), folds: [0])
        #expect(results.differences(from: expected) == [])
      }
    }

    /// Status 1, and one line of ours that holds all of `names`.
    private func expectRefusal(
      _ run: ProgramRun, ranks: Int?, names: [String],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let sentences = run.errors.split(separator: "\n").filter { $0.hasPrefix("segmpi: ") }
      let context = Comment(rawValue: "\(ranks.map { "\($0) ranks" } ?? "alone"): \(run.errors)")
      #expect(run.status == 1, context, sourceLocation: sourceLocation)
      #expect(sentences.count == 1, context, sourceLocation: sourceLocation)
      for name in names {
        #expect(
          sentences.first?.contains(name) == true, "\(name) is not in: \(context)",
          sourceLocation: sourceLocation)
      }
      if ranks == nil {
        #expect(
          run.errors.split(separator: "\n")
            .count { !$0.hasPrefix("fold ") && !$0.hasPrefix("start: ") } == 1, context,
          sourceLocation: sourceLocation)
      }
    }

    /// The bytes of every file below a folder.
    private func contents(of folder: String) throws -> [String: Data] {
      let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
      var contents: [String: Data] = [:]
      for path in paths where !path.hasSuffix("/.lock") && path != ".lock" {
        contents[path] = FileManager.default.contents(atPath: "\(folder)/\(path)")
      }
      return contents
    }
  }
}
