import Collective
import Foundation
import Testing

@testable import DistTrainer

@Suite("The status of a run")
struct RunStatusTests {
  /// A run's folder of three folds with the files that each would have.
  private static func arrange(in path: String) throws -> RunFolder {
    let run = RunFolder("\(path)/run")
    try run.create(folds: 3)
    let configuration = SmallTraining.configuration {
      $0.data.folds.count = 3
      $0.training.epochs = 5
      $0.training.stepsPerEpoch = 10
    }
    try configuration.resolvedYAML().write(
      toFile: run.configuration, atomically: true, encoding: .utf8)
    let splits = #"[{"train":["b"],"val":["a"]},{"train":["a"],"val":["b"]},{"train":[],"val":[]}]"#
    try splits.write(toFile: run.splits, atomically: true, encoding: .utf8)
    return run
  }

  private static func log(_ run: RunFolder, fold: Int, epochs: Int) throws {
    let lines = (1...epochs).map { epoch in
      #"{"epoch":\#(epoch),"step":\#(10 * epoch),"loss":\#(1 / Double(epoch)),"dice":"#
        + #"\#(epoch == 2 ? 0.75 : 0.5),"seconds":4,"timings":{"exposed":1.5,"#
        + #""exposedFraction":0.25,"overlap":0.875}}"#
    }
    // The last line is not whole yet.
    try (lines.joined(separator: "\n") + "\n{\"epoch\":9,\"st").write(
      toFile: run.fold(fold).log, atomically: true, encoding: .utf8)
  }

  @Test("a run that nobody goes on with: ended, interrupted, not begun")
  func atRest() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    try Self.log(run, fold: 0, epochs: 5)
    try "subject,label\n".write(
      toFile: run.fold(0).validation.metrics, atomically: true, encoding: .utf8)
    try Self.log(run, fold: 1, epochs: 3)
    let status = try RunStatus(run.path)
    #expect(status.writer == nil && !status.isFinished && status.epochs == 5)
    #expect(status.folds.map(\.progress.state) == [.ended, .interrupted, .notBegun])
    let interrupted = status.folds[1]
    #expect(interrupted.progress.step == 30 && interrupted.progress.totalSteps == 50)
    #expect(interrupted.progress.epoch == 3 && interrupted.progress.dice == 0.5)
    #expect(interrupted.bestDice == 0.75 && interrupted.overlap == 0.875)
    #expect(interrupted.progress.exposedFraction == 0.25)
    // Four shards of one sample each, ten steps in four seconds.
    #expect(interrupted.progress.samplesPerSecond == 10)
    #expect(interrupted.progress.secondsLeft == nil)
    let since = try #require(interrupted.since)
    #expect(abs(since.timeIntervalSinceNow) < 60)
    #expect(status.folds[2].progress.step == nil && status.folds[2].since == nil)
    #expect(
      status.text().contains(
        "not running; go on with: segmpi train \(run.configuration) --output \(run.path) --continue"
      ))
    let text = status.text(now: since.addingTimeInterval(3723))
    #expect(text.contains("interrupted 1:02:03 ago") && text.contains("30/50"))
  }

  @Test("a run under way tells of its process, its step and the time left")
  func underWay() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    let lock = try FolderLock(folder: run.path)
    try Self.log(run, fold: 0, epochs: 2)
    try "subject,label\n".write(
      toFile: run.fold(0).validation.metrics, atomically: true, encoding: .utf8)
    let progress = ProgressFile(run, interval: .zero)
    progress.begin(fold: 1, after: 10, of: 50)
    progress.begin(fold: 2, after: 0, of: 50)
    progress.note(
      StepFigures(
        fold: 1, step: 30, epoch: 3, loss: .nan, samplesPerSecond: 8, exposedFraction: 0.5))
    progress.finish(fold: 2)
    let status = try RunStatus(run.path)
    #expect(status.writer?.process == Int(getpid()))
    #expect(status.folds.map(\.progress.state) == [.ended, .training, .notBegun])
    #expect(status.folds[1].progress.step == 30)
    #expect(status.folds[1].progress.samplesPerSecond == 8)
    #expect(status.folds[1].progress.loss?.isNaN == true)
    // 20 steps took as long as the 20 that are left will.
    let seconds = try #require(
      ProgressFile.read(run)?.folds.first { $0.fold == 1 }?.seconds)
    #expect(status.folds[1].progress.secondsLeft == seconds)
    #expect(status.text().contains("running (process \(getpid()) on "))
    _ = consume lock
    #expect(try RunStatus(run.path).writer == nil)
  }

  @Test("what an earlier process left in progress.json is not taken for this one's")
  func stale() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    let progress = ProgressFile(run, interval: .zero)
    progress.begin(fold: 1, after: 0, of: 50)
    let text = try String(contentsOfFile: run.progress, encoding: .utf8)
    try text.replacing("\"process\":\(getpid())", with: "\"process\":1").write(
      toFile: run.progress, atomically: true, encoding: .utf8)
    let lock = try FolderLock(folder: run.path)
    let status = try RunStatus(run.path)
    #expect(status.writer != nil && status.folds[1].progress.state == .notBegun)
    _ = consume lock
  }

  @Test("a process elsewhere is taken to live while its files change")
  func elsewhere() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    try "process 1234 on another-host".write(
      toFile: "\(run.path)/.lock", atomically: true, encoding: .utf8)
    #expect(try RunStatus(run.path).writer == RunWriter(process: 1234, host: "another-host"))
    #expect(try RunStatus(run.path, now: Date(timeIntervalSinceNow: 3600)).writer == nil)
  }

  @Test(
    "the system's list of locks says who holds one",
    arguments: [
      ("1: FLOCK  ADVISORY  WRITE 42 fe:00:77 0 EOF", true),
      ("1: POSIX  ADVISORY  WRITE 42 fe:00:77 0 EOF", false),
      ("1: FLOCK  ADVISORY  WRITE 43 fe:00:77 0 EOF", false),
      ("1: FLOCK  ADVISORY  WRITE 42 fe:00:78 0 EOF", false),
      ("2: -> FLOCK  ADVISORY  WRITE 42 fe:00:77 0 EOF", false), ("", false),
    ])
  func locks(line: String, isHeld: Bool) {
    #expect(
      RunWriter.holdsLock(42, file: 77, in: "9: POSIX ADVISORY READ 1 a:b:1 0 0\n\(line)\n")
        == isHeld)
  }

  @Test("records that a watchdog left are told of, and the last checkpoint's step is read")
  func traces() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    try FileManager.default.createDirectory(
      atPath: run.flight, withIntermediateDirectories: true)
    for rank in 0..<2 {
      try "{}\n".write(
        toFile: "\(run.flight)/rank_\(rank).jsonl", atomically: true, encoding: .utf8)
    }
    try "rank 1 on there is guilty\n".write(
      toFile: "\(run.flight)/verdict.txt", atomically: true, encoding: .utf8)
    let trainer = try FoldTrainer(
      SmallTraining.experiment(), fold: 1, subjects: SmallTraining.subjects(2),
      engine: SmallTraining.engine(), communicator: SerialCommunicator())
    try trainer.step()
    let latest = run.fold(1).checkpoint(.latest)
    let bytes = try trainer.checkpoint().bytes
    try Data(bytes).write(to: URL(filePath: latest))
    let status = try RunStatus(run.path)
    #expect(status.flightRecords?.ranks == 2)
    #expect(status.folds[1].saved?.step == 1)
    #expect(status.folds[1].progress.state == .interrupted && status.folds[1].progress.step == 1)
    #expect(
      status.text().contains("a watchdog ended the last job 0:0")
        && status.text().contains(" ago: rank 1 on there is guilty\n"))
    #expect(status.text().contains("what 2 ranks did last is in \(run.flight)"))
    // Damaged heads say nothing, whatever lengths they claim.
    for head in [[], [1], [UInt8](repeating: 0xFF, count: 20), Array(bytes.prefix(40))] {
      try Data(head).write(to: URL(filePath: latest))
      #expect(CheckpointHeader.step(of: latest) == nil)
    }
  }

  @Test("a watchdog's notice ends when the run goes on, and what it left is kept once")
  func retired() throws {
    let folder = try TemporaryFolder()
    let run = try Self.arrange(in: folder.path)
    try run.retireFlightRecords()
    for job in ["first", "second"] {
      try folder.write(["run/flight/verdict.txt"], text: "the \(job)\n")
      try folder.write(["run/flight/rank_\(job == "first" ? 7 : 0).jsonl"], text: "{}\n")
      #expect(try RunStatus(run.path).flightRecords?.verdict == "the \(job)")
      try run.retireFlightRecords()
      let status = try RunStatus(run.path)
      #expect(status.flightRecords == nil && !status.text().contains("watchdog"))
      let kept = try String(contentsOfFile: "\(run.previousFlight)/verdict.txt", encoding: .utf8)
      #expect(kept == "the \(job)\n")
    }
    // Not mixed with what an earlier job had left.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.previousFlight).sorted()
        == ["rank_0.jsonl", "verdict.txt"])
  }

  @Test(
    "the command that goes on has the run's configuration and folder, and the last call's ranks",
    arguments: [
      ([], [], "segmpi"),
      (["bin/segmpi", "train", "a.yaml", "--fold", "all"], ["n1"], "bin/segmpi"),
      (["segmpi", "train", "--fold", "2", "a.yaml"], ["n1", "n1"], "mpirun -n 2 segmpi"),
      (
        ["segmpi", "train", "--fold=2"], ["n1", "n2", "n1"], "mpirun -n 3 --host n1:2,n2:1 segmpi"
      ),
      (["my bin/segmpi", "it's"], ["n1"], "'my bin/segmpi'"),
    ])
  func continuation(command: [String], hosts: [String], program: String) {
    let call = Provenance(
      command: command, versions: [:], hosts: hosts, threads: 1, instructionSet: "", precision: "",
      seeds: [:], hashes: [:])
    let found = RunContinuation(
      of: RunFolder("runs/it's"), after: command.isEmpty ? nil : call)
    let fold = command.contains { $0.hasPrefix("--fold") } && !command.contains("all")
    #expect(
      found.command
        == #"\#(program) train 'runs/it'\''s/config.resolved.yaml' --output 'runs/it'\''s'"#
        + (fold ? " --fold 2" : "") + " --continue")
  }

  @Test("the loss that is shown is the mean of the epoch's steps so far")
  func epochLoss() {
    var training = SmallTraining.configuration().training
    (training.epochs, training.stepsPerEpoch) = (2, 3)
    let start = ContinuousClock.now
    var meter = ProgressMeter(fold: 0, training: training, from: 3, at: start, interval: .zero)
    let timings = StepTimings()
    for (step, sum, mean) in [(4, 6.0, 6.0), (5, 9, 4.5), (6, 10.5, 3.5)] {
      let figures = meter.figures(
        step: step, epochLoss: sum, timings: timings, at: start + .seconds(step))
      #expect(figures?.loss == mean && figures?.epoch == 2)
    }
  }

  @Test("a folder that is no run is refused in a sentence")
  func noRun() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) { try RunStatus(folder.path) }
    #expect(error?.description.contains("is no run folder") == true)
  }
}
