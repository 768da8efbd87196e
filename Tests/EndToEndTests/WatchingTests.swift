import DistTrainer
import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// What a run tells of itself: while it lives, from outside, and afterwards.
  @Suite("Watching a run", .serialized, .timeLimit(.minutes(4)))
  struct WatchingTests {
    /// Trains for eight steps instead of twenty: what is watched needs no more.
    private static let briefly = ["--set", "training.stepsPerEpoch=4"]

    private static func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static func status(_ run: RunFolder) throws -> [String: Any] {
      let status = try Binary.run(["status", run.path, "--json"])
      try #require(status.status == 0, "\(status.errors)")
      return try object(status.output)
    }

    @Test(
      "status follows a run from its first step over its death to its end", arguments: [nil, 2])
    func status(ranks: Int?) throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 1")
      let run = workshop.folder("run")
      let more = ["--output", run.path, "--fold", "1", "--set", "training.epochs=300"]
      let program = try Binary.start(["train", configuration] + more, ranks: ranks)
      var seen: [String: Any]?
      let deadline = ContinuousClock.now + .seconds(40)
      while program.isRunning, ContinuousClock.now < deadline {
        Thread.sleep(forTimeInterval: 0.05)
        guard FileManager.default.fileExists(atPath: run.progress) else { continue }
        let status = try Self.status(run)
        let folds = try #require(status["folds"] as? [[String: Any]])
        #expect(folds.map { $0["fold"] as? Int } == [0, 1, 2, 3])
        // The pace is known from the second word of progress on.
        guard let step = folds[1]["step"] as? Int, step > 12, folds[1]["secondsLeft"] is Double
        else { continue }
        seen = status
        break
      }
      let status = try #require(seen, "the run was never seen")
      #expect(status["running"] as? Bool == true && status["finished"] as? Bool == false)
      let folds = try #require(status["folds"] as? [[String: Any]])
      #expect(
        folds.map { $0["state"] as? String }
          == ["not begun", "training", "not begun", "not begun"])
      #expect(folds[1]["totalSteps"] as? Int == 3000)
      #expect(try #require(folds[1]["loss"] as? Double) > 0)
      #expect(try #require(folds[1]["secondsLeft"] as? Double) > 0)
      #expect(folds[1]["savedStep"] is Int)
      program.kill()
      _ = try program.wait()
      let dead = try Self.status(run)
      let fold = try #require((dead["folds"] as? [[String: Any]])?[1])
      #expect(dead["running"] as? Bool == false && fold["state"] as? String == "interrupted")
      #expect(fold["since"] is String && fold["secondsLeft"] is NSNull)
      #expect(fold["dice"] is Double, "an epoch was validated")
      // In words, too.
      let text = try Binary.run(["status", run.path])
      #expect(text.status == 0 && text.output.contains("interrupted"))
      let launcher = ranks.map { "mpirun -n \($0) " } ?? ""
      #expect(
        text.output.contains(
          "not running; go on with: \(launcher)\(Binary.path) train \(run.configuration) --output "
            + "\(run.path) --fold 1 --continue\n"))
      let done = try workshop.train(
        try workshop.configuration(), into: "short", ranks: ranks, "--fold", "1",
        "--set", "training.stepsPerEpoch=4")
      let end = try Binary.run(["status", done.path, "--watch", "--json"])
      #expect(end.status == 0 && end.output.split(separator: "\n").count == 1)
      let ended = try Self.object(end.output)
      #expect(ended["finished"] as? Bool == false && ended["running"] as? Bool == false)
      // What it says to go on with can be given to a shell.
      let command = try #require(ended["continuation"] as? String)
      let again = try ProgramRun.run("/bin/sh", ["-c", command])
      #expect(again.status == 0, "\(command): \(again.errors)")
      let states = (ended["folds"] as? [[String: Any]])?.map { $0["state"] as? String }
      #expect(states == ["not begun", "ended", "not begun", "not begun"])
    }

    @Test(
      "a trace has all ranks on one clock, and opens in a viewer's reader", arguments: [1, 2, 4])
    func trace(ranks: Int) throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let run = try workshop.train(
        configuration, into: "run", ranks: ranks, "--fold", "0", "--trace", "6",
        "--set", "training.stepsPerEpoch=4")
      let file = "\(workshop.path)/trace.json"
      let trace = try Binary.run(["trace", run.path, "-o", file, "--json"])
      try #require(trace.status == 0, "\(trace.errors)")
      let figures = try Self.object(trace.output)
      #expect(figures["ranks"] as? Int == ranks)
      #expect(try #require(figures["clockUncertaintySeconds"] as? Double) < 0.5)
      let data = try Data(contentsOf: URL(filePath: file))
      let merged = try Self.object(String(decoding: data, as: UTF8.self))
      let events = try #require(merged["traceEvents"] as? [[String: Any]])
      #expect(events.count { $0["ph"] as? String == "X" } > 6 * ranks)
      let ends = events.compactMap { event in
        (event["ts"] as? Double).map { $0 + (event["dur"] as? Double ?? 0) }
      }
      #expect(ends.allSatisfy { $0 >= 0 })
      #expect((ends.max() ?? 0) * 1e-6 <= (figures["seconds"] as? Double ?? 0) + 1e-6)
      for rank in 0..<ranks {
        let own = events.filter { $0["pid"] as? Int == rank && $0["ph"] as? String == "X" }
        #expect(own.count { $0["name"] as? String == "step" } == 6)
        #expect(own.contains { $0["name"] as? String == "validate" })
      }
      let text = try Binary.run(["trace", run.path, "-o", file])
      #expect(text.status == 0 && text.output.contains("clocks agree to within"))
      #expect(text.output.split(separator: "\n").count == 1 + 1 + ranks + 1)
      // Nobody has a sum before everybody has given its part: by the one clock, intervals meet. Half
      // a second of slack, for ranks share cores here.
      let sums = (0..<ranks).map { Self.reductions(in: events, rank: $0) }
      #expect(sums.allSatisfy { $0.count == 6 })
      for other in sums.dropFirst() {
        for (a, b) in zip(sums[0], other) {
          #expect(a.start <= b.end + 5e5 && b.start <= a.end + 5e5)
        }
      }
    }

    /// Beginnings and ends of a rank's sums of gradients, in microseconds.
    private static func reductions(
      in events: [[String: Any]], rank: Int
    ) -> [(start: Double, end: Double)] {
      events.filter { $0["pid"] as? Int == rank && $0["name"] as? String == "reduce" }
        .compactMap { event in
          guard let start = event["ts"] as? Double, let length = event["dur"] as? Double else {
            return nil
          }
          return (start, start + length)
        }.sorted { $0.start < $1.start }
    }

    @Test("progress is a table where it is asked for, lines elsewhere, or nothing")
    func progress() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      func errors(_ mode: String?) throws -> String {
        let name = mode ?? "auto"
        let run = try Binary.run(
          ["train", configuration, "--output", "\(workshop.path)/\(name)", "--fold", "3"]
            + Self.briefly + (mode.map { ["--progress", $0] } ?? []), ranks: 2)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Mean Dice on validation subjects"))
        return run.errors
      }
      let table = try errors("table")
      #expect(table.contains("\u{1B}[K") && table.contains("time left"))
      #expect(table.contains("fold 3 is done"))
      let lines = try errors(nil)
      #expect(!lines.contains("\u{1B}") && lines.contains("fold 3 is done"))
      #expect(lines.contains("fold 3  epoch 1  validation Dice 0."))
      let none = try errors("none")
      #expect(!none.contains("fold") && !none.contains("\u{1B}"))
    }

    @Test("folds that wait for ranks have their line in the table, which has the log's loss")
    func waiting() throws {
      let workshop = try Workshop()
      let run = try Binary.run(
        [
          "train", try workshop.configuration(), "--output", "\(workshop.path)/run", "--progress",
          "table",
        ] + Self.briefly, ranks: 2)
      #expect(run.status == 0, "\(run.errors)")
      let lines = run.errors.split(whereSeparator: { $0.isNewline || $0 == "\u{1B}" })
        .map { $0.drop(while: { $0 == "[" || $0 == "\r" }) }
      for fold in 0..<4 {
        #expect(lines.contains { $0.contains("   \(fold)  waiting ") }, "fold \(fold)")
        let log = workshop.folder("run").fold(fold).log
        let entry = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").last
        let loss = try #require(try Self.object(String(entry ?? ""))["loss"] as? Double)
        let end = lines.last { $0.contains("   \(fold)  ended ") } ?? ""
        #expect(end.contains(" \(String(format: "%.4f", loss)) "), "\(end), not \(loss)")
        let status = try Binary.run(["status", workshop.folder("run").path])
        #expect(
          status.output.split(separator: "\n").contains {
            $0.hasPrefix("\(fold) ") && $0.contains(" \(String(format: "%.4f", loss)) ")
          }, "\(status.output)")
      }
    }

    @Test("what communication cost is in the log of a fold that ranks share", arguments: [1, 2])
    func exposed(ranks: Int) throws {
      struct Entry: Decodable {
        struct Timings: Decodable {
          var exposed: Double
          var exposedFraction: Double
          var overlap: Double?
        }
        var timings: Timings
      }
      let workshop = try Workshop()
      let run = try Binary.run(
        [
          "train", try workshop.configuration(), "--output", "\(workshop.path)/run", "--fold", "2",
        ] + Self.briefly, ranks: ranks)
      #expect(run.status == 0)
      #expect(run.errors.contains("exposed communication") == (ranks > 1))
      let log = workshop.folder("run").fold(2).log
      let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 2)
      for line in lines {
        let timings = try JSONDecoder().decode(Entry.self, from: Data(line.utf8)).timings
        #expect((timings.exposed > 0) == (ranks > 1))
        #expect((timings.overlap != nil) == (ranks > 1))
        #expect((0...1).contains(timings.exposedFraction))
      }
    }

    @Test(
      "the benchmarks of communication print JSON",
      arguments: [
        ("allreduce", ["--sizes", "4K,64K", "--repetitions", "3"], "rows"),
        ("allreduce", ["--sizes", "4K,64K", "--repetitions", "3", "--library-only"], "rows"),
        ("overlap", ["--size", "256K", "--repetitions", "3", "--bucket", "64K"], "overlap"),
        ("scaling", ["--up-to", "16"], "rows"),
      ])
    func benchmarks(name: String, arguments: [String], member: String) throws {
      let run = try Binary.run(["bench", name, "--json"] + arguments, ranks: 2)
      try #require(run.status == 0, "\(run.errors)")
      let figures = try Self.object(run.output)
      #expect(figures[member] != nil && run.output.split(separator: "\n").count == 1)
      let text = try Binary.run(["bench", name] + arguments, ranks: 2)
      #expect(text.status == 0 && !text.output.isEmpty && !text.output.hasPrefix("{"))
    }

    @Test("what needs ranks says so, and what needs none does without")
    func alone() throws {
      for name in ["allreduce", "overlap"] {
        let run = try Binary.run(["bench", name])
        #expect(run.status == 1 && run.errors.contains("mpirun -n 2 segmpi bench \(name)"))
      }
      let scaling = try Binary.run([
        "bench", "scaling", "--json", "--latency", "50", "--bandwidth", "125", "--gap", "5",
        "--parameters", "1000000", "--compute", "100", "--overlappable", "0.5",
      ])
      try #require(scaling.status == 0, "\(scaling.errors)")
      let rows = try #require(try Self.object(scaling.output)["rows"] as? [[String: Any]])
      #expect(rows.map { $0["ranks"] as? Int } == (0...10).map { 1 << $0 })
      // Four buckets of a million bytes; on two ranks 100 us + 10 us + 1e6 / 125e6 s each, of which
      // the last is exposed.
      #expect(abs(try #require(rows[1]["exposedSeconds"] as? Double) - 0.00811) < 1e-9)
    }

    @Test(
      "what is no run, no trace or no length is refused in a sentence",
      arguments: [
        (["train", "nowhere.yaml"], 1), (["train", "."], 1), (["status", "nowhere"], 1),
        (["trace", "nowhere"], 1),
        (["bench", "allreduce", "--sizes", "4X"], 64),
        (["bench", "allreduce", "--sizes", "6"], 64),
        (["status", "run", "--interval", "0"], 64), (["bench", "scaling", "--compute", "0"], 64),
        (["train", "config.yaml", "--trace", "0"], 64),
        (["train", "config.yaml", "--progress", "sometimes"], 64),
        (["bench", "step", "--shards", "3"], 64),
      ])
    func refused(arguments: [String], status: Int) throws {
      let run = try Binary.run(arguments)
      #expect(Int(run.status) == status && !run.errors.isEmpty && run.output.isEmpty)
    }
  }
}
