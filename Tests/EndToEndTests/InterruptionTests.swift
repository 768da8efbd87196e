import CounterRandom
import DistTrainer
import Foundation
import ProcessTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension EndToEnd {
  /// What was interrupted and continued ends in the same bytes as what was not.
  @Suite("Killed and continued", .serialized, .timeLimit(.minutes(4)))
  struct InterruptionTests {
    @Test("a run killed again and again, each time continued on other ranks, loses nothing")
    func kills() throws {
      let workshop = try Workshop()
      // Also in the middle of epochs of ten steps.
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 3")
      let whole = try RunResults(of: workshop.train(configuration, into: "whole", ranks: 2))
      let seed = UInt64.random(in: 1...UInt64.max)
      print("Killed at steps drawn with seed \(seed)")
      for story in 0..<3 {
        var stream = RandomStream(seed: seed, "kills", story)
        let name = "story\(story)"
        var kills: [String] = []
        for kill in 0..<3 {
          let ranks = [nil, 1, 2, 3, 4, 7][stream.integer(below: 6)]
          let step = stream.integer(below: 20)
          let delay = Double(stream.uniform(in: 0..<0.1))
          let wasKilled = try self.kill(
            workshop, configuration, name, isFirst: kill == 0, ranks: ranks, atStep: step,
            afterSeconds: delay)
          kills.append("\(ranks ?? 0) ranks, step \(step), \(wasKilled ? "killed" : "was faster")")
        }
        let ranks = [2, nil, 5][story]
        let run = try workshop.train(configuration, into: name, ranks: ranks, "--continue")
        let differences = try RunResults(of: run).differences(from: whole)
        #expect(differences == [], "seed \(seed), story \(story): \(kills)")
        #expect(kills.contains { $0.hasSuffix("killed") }, "\(kills)")
      }
    }

    /// Starts or continues a run and ends all its processes once some fold's last checkpoint of this
    /// call is at `step` or later; whether there was still something to end.
    private func kill(
      _ workshop: Workshop, _ configuration: String, _ name: String, isFirst: Bool, ranks: Int?,
      atStep step: Int, afterSeconds delay: Double
    ) throws -> Bool {
      let arguments = ["train", configuration, "--output", "\(workshop.path)/\(name)"]
      let before = savedSteps(workshop.folder(name))
      let program = try Binary.start(arguments + (isFirst ? [] : ["--continue"]), ranks: ranks)
      let deadline = ContinuousClock.now + .seconds(50)
      while program.isRunning, ContinuousClock.now < deadline {
        let now = savedSteps(workshop.folder(name))
        if zip(before, now).contains(where: { $0 != $1 && $1 >= step }) { break }
        Thread.sleep(forTimeInterval: 0.002)
      }
      Thread.sleep(forTimeInterval: delay)
      let wasRunning = program.isRunning
      program.kill()
      let run = try program.wait()
      if !wasRunning { #expect(run.status == 0, "\(run.errors)") }
      return run.status == 128 + 9
    }

    /// The step of each fold's `checkpoint_latest`; 0 where there is none. Never half a file.
    private func savedSteps(_ run: RunFolder) -> [Int] {
      (0..<4).map { fold in
        let path = run.fold(fold).checkpoint(.latest)
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        do {
          return try Checkpoint(reading: [UInt8](data), name: path).progress().step
        } catch {
          Issue.record("\(path) was seen half written: \(error)")
          return 0
        }
      }
    }

    @Test(
      "a signal stops a run, which says how to go on and ends in the same bytes",
      arguments: [(nil, SIGTERM), (nil, SIGINT), (1, SIGUSR2), (2, SIGUSR1), (3, SIGUSR1)]
        as [(Int?, Int32)])
    func signals(ranks: Int?, signal: Int32) throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(training: "precision: float32")
      let long = ["--set", "training.epochs=4"]
      let whole = try RunResults(
        of: workshop.train(configuration, into: "whole", ranks: 2, long[0], long[1]))
      let program = try Binary.start(
        ["train", configuration, "--output", "\(workshop.path)/run"] + long, ranks: ranks)
      // The wish is heard from the first line of the configuration on.
      let settled = "\(workshop.path)/run/config.resolved.yaml"
      let deadline = ContinuousClock.now + .seconds(60)
      while !FileManager.default.fileExists(atPath: settled), ContinuousClock.now < deadline {
        Thread.sleep(forTimeInterval: 0.005)
      }
      for process in program.processes where ProcessTree.name(of: process) == "segmpi" {
        ProcessTree.send(signal, to: process)
      }
      let run = try program.wait()
      #expect(run.status == 75, "\(run.errors)")
      #expect(
        run.errors.contains(
          "segmpi: stopped as asked, and everything is saved in \(workshop.path)/run: go on with "
            + "the same command and --continue"))
      let continued = try workshop.train(
        configuration, into: "run", ranks: 2, "--continue", long[0], long[1])
      #expect(try RunResults(of: continued).differences(from: whole) == [])
    }

    @Test(
      "a rank that stands still is named by the watchdog, which ends the job with 70",
      arguments: [1, 0])
    func standstill(victim: Int) throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 1")
      let run = workshop.folder("run")
      let more = ["--output", run.path, "--fold", "0", "--set", "training.epochs=4000"]
      let program = try Binary.start(
        ["train", configuration, "--watchdog", "4"] + more, ranks: 2)
      let latest = run.fold(0).checkpoint(.latest)
      let deadline = ContinuousClock.now + .seconds(60)
      while !FileManager.default.fileExists(atPath: latest), ContinuousClock.now < deadline {
        Thread.sleep(forTimeInterval: 0.01)
      }
      // Until the ranks have told the watchdog of a step.
      Thread.sleep(forTimeInterval: 2)
      let ranks = program.processes.filter { ProcessTree.name(of: $0) == "segmpi" }.sorted()
      #expect(ranks.count == 2)
      if ranks.count == 2 { ProcessTree.send(SIGSTOP, to: ranks[victim]) }
      let end = try program.wait()
      #expect(end.status == 70, "\(end.errors)")
      let sign = victim == 0 ? "has not answered rank 1 on" : "has not been heard of for"
      let verdict = try #require(
        end.errors.split(separator: "\n").first { $0.contains(sign) }, "\(end.errors)")
      #expect(verdict.hasPrefix("segmpi: rank \(victim) on "))
      #expect(verdict.contains("last seen at fold 0, step ") && verdict.contains(" of 'fold 0'"))
      #expect(verdict.hasSuffix("; the last operations of each rank are in \(run.flight)"))
      // Also of the one that could tell nothing any more.
      for rank in 0..<2 {
        let lines = try String(contentsOfFile: "\(run.flight)/rank_\(rank).jsonl", encoding: .utf8)
          .split(separator: "\n")
        #expect(lines.count > 8 && lines.count <= 256, "rank \(rank)")
        #expect(lines.contains { $0.contains("orderedAllReduce") }, "rank \(rank)")
      }
      let status = try Binary.run(["status", run.path])
      #expect(status.output.contains("a watchdog ended the last job "))
      #expect(status.output.contains(" ago: rank \(victim) on "), "\(status.output)")
      // The notice ends when the run goes on.
      let again = try Binary.start(["train", configuration, "--continue"] + more)
      while FileManager.default.fileExists(atPath: run.flight), again.isRunning {
        Thread.sleep(forTimeInterval: 0.01)
      }
      again.kill()
      _ = try again.wait()
      let later = try Binary.run(["status", run.path])
      #expect(later.status == 0 && !later.output.contains("watchdog"), "\(later.output)")
      #expect(FileManager.default.fileExists(atPath: run.previousFlight))
    }

    @Test("a rank that dies ends the job, and the others do not wait for it")
    func rankDies() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration(
        training: "precision: float32, checkpointEvery: 1")
      let more = ["--set", "training.epochs=400", "--fold", "0"]
      let program = try Binary.start(
        ["train", configuration, "--output", "\(workshop.path)/run"] + more, ranks: 3)
      let latest = workshop.folder("run").fold(0).checkpoint(.latest)
      let deadline = ContinuousClock.now + .seconds(30)
      while !FileManager.default.fileExists(atPath: latest), ContinuousClock.now < deadline {
        Thread.sleep(forTimeInterval: 0.01)
      }
      let ranks = program.processes.filter { ProcessTree.name(of: $0) == "segmpi" }
      #expect(ranks.count == 3)
      let death = ContinuousClock.now
      if let last = ranks.last { ProcessTree.kill([last]) }
      let run = try program.wait()
      #expect(run.status != 0)
      #expect(death.duration(to: .now) < .seconds(20))
      #expect(FileManager.default.fileExists(atPath: latest))
    }

    @Test("a finished run that is continued stays as it is")
    func finished() throws {
      let workshop = try Workshop()
      let configuration = try workshop.configuration()
      let run = try workshop.train(configuration, into: "run")
      let before = try RunResults(of: run)
      let again = try workshop.train(configuration, into: "run", ranks: 2, "--continue")
      #expect(try RunResults(of: again).differences(from: before) == [])
    }
  }
}
