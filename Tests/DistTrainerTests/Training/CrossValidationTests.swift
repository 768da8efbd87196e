import Collective
import Compute
import Evaluation
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

/// Notes what a run tells of itself.
private final class Notes: RunObserver {
  var lines: [String] = []
  var steps: [Int: Int] = [:]
  var notices: [String] = []
  var information: [String] = []
  var queued: [Int] = []
  /// Called after each step of a fold.
  var onStep: (Int, Int) -> Void = { _, _ in }

  func noticed(_ notice: String) { notices.append(notice) }
  func informed(_ line: String) { information.append(line) }
  func foldsQueued(_ folds: [Int]) { queued = folds }

  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {
    lines.append("fold \(fold) begins after \(step) of \(totalSteps)")
  }
  func foldStepped(_ figures: StepFigures) {
    #expect(figures.loss.isFinite && figures.samplesPerSecond > 0)
    // Not every step is told of; the last one of a fold on this rank is.
    #expect(figures.step > steps[figures.fold, default: 0])
    #expect(figures.epoch == (figures.step + 1) / 2)
    steps[figures.fold] = figures.step
    onStep(figures.fold, figures.step)
  }
  func foldLogged(_ fold: Int, line: String) {}
  func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {
    lines.append("fold \(fold) ends with \(subjects) subjects")
  }
}

@Suite("A training run", .serialized, .timeLimit(.minutes(3)))
struct CrossValidationTests {
  /// Writes phantoms and a configuration into a folder; gives the configuration's file.
  private static func arrange(
    in folder: String, _ change: (inout ExperimentConfiguration) -> Void = { _ in }
  ) throws -> String {
    var phantom = Phantom()
    phantom.shape = [10, 9, 11]
    try phantom.write(to: "\(folder)/data", count: 6)
    let configuration = SmallTraining.configuration {
      $0.data.dataset = "\(folder)/data"
      $0.data.folds.count = 3
      $0.training.stepsPerEpoch = 2
      $0.training.validateEvery = 1
      $0.evaluation.groups = NamedGroups([NamedGroup(name: "both", labels: ["femur", "2"])])
      change(&$0)
    }
    let file = "\(folder)/small.yaml"
    try configuration.resolvedYAML().write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  private static func train(
    _ file: String, into output: String, folds: [Int]? = nil, continues: Bool = false,
    notes: Notes = Notes(), world: any Communicator = SerialCommunicator(),
    stop: StopRequest = StopRequest(), tuning: RunTuning = RunTuning()
  ) throws -> TrainingRun.Outcome? {
    var run = TrainingRun(
      configuration: file, folds: folds, output: output, continues: continues,
      command: ["segmpi", "train"], stop: stop)
    run.tuning = tuning
    return try run.run(world: world, observer: notes) { try CPUEngine(threads: $0.threads) }
  }

  /// What must not depend on the ranks.
  private static func files(of run: RunFolder) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: run.path).filter {
      $0.hasSuffix(".safetensors") || $0.hasSuffix("metrics.csv") || $0.hasSuffix(".nii.gz")
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try Data(contentsOf: URL(filePath: "\(run.path)/\($0)")))
      })
  }

  @Test("trains every fold, validates every subject once, and tells of it")
  func whole() throws {
    let folder = try TemporaryFolder()
    let notes = Notes()
    let outcome = try #require(
      try Self.train(
        Self.arrange(in: folder.path), into: "\(folder.path)/run", notes: notes))
    #expect(
      notes.lines
        == (0..<3).flatMap {
          ["fold \($0) begins after 0 of 4", "fold \($0) ends with 2 subjects"]
        })
    #expect(notes.steps == [0: 4, 1: 4, 2: 4] && notes.queued == [0, 1, 2])
    let names = (1...3).flatMap { ["patient00\($0)_t1", "patient00\($0)_t2"] }
    #expect(outcome.table.subjects.map(\.subject) == names)
    let lines = outcome.diceTable.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(
      lines[0].split(separator: " ") == ["fold", "subjects", "femur", "head", "both", "mean"])
    #expect(lines[4].hasPrefix(" all"))
    // Predictions lie on the grid of their images, and hold declared labels only.
    let splits = try Folds(
      contentsOf: outcome.folder.splits, dataset: Dataset.open("\(folder.path)/data"))
    for (fold, split) in splits.splits.enumerated() {
      for name in split.val {
        let prediction = try VolumeFiles.readLabels(
          outcome.folder.fold(fold).validation.prediction(name))
        let image = try VolumeFiles.readImage(
          "\(folder.path)/data/imagesTr/\(name)_0000.nii.gz")
        #expect(prediction.geometry == image.geometry)
        #expect(Set(prediction.labels).isSubset(of: [0, 1, 2]))
        // The table says of the prediction what the files say.
        let reference = try VolumeFiles.readLabels("\(folder.path)/data/labelsTr/\(name).nii.gz")
        let row = try #require(outcome.table.subjects.first { $0.subject == name })
        let measurement = StructureMeasurement(
          [
            MeasuredStructure(label: 1, name: "femur"), MeasuredStructure(label: 2, name: "head"),
            try MeasuredStructure(group: "both", labels: [1, 2]),
          ], surface: try SurfaceSettings())
        let measured = try measurement(
          prediction: prediction.voxels, reference: reference.voxels,
          grid: EvaluationGrid(shape: reference.shape, spacing: reference.geometry.spacing))
        #expect(row.structures == measured)
        #expect(row.fold == fold)
      }
    }
  }

  @Test("threads as ranks leave the files of one rank alone", arguments: [2, 3, 5])
  func anyNumberOfRanks(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let file = try Self.arrange(in: path)
    let alone = try #require(try Self.train(file, into: "\(path)/alone"))
    let outcomes = try InProcessCommunicator.run(ranks: ranks) { world in
      try Self.train(file, into: "\(path)/shared", world: world).map { $0.table }
    }
    #expect(outcomes.count { $0 != nil } == 1)
    #expect(outcomes[0]?.csv == alone.table.csv)
    #expect(try Self.files(of: RunFolder("\(path)/shared")) == Self.files(of: alone.folder))
  }

  @Test("ranks set free join the folds that still train, and change no bit", arguments: [2, 4, 5])
  func elastic(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let file = try Self.arrange(in: path) {
      $0.data.folds.count = 2
      $0.training.epochs = 12
      $0.training.validateEvery = 3
    }
    let alone = try #require(try Self.train(file, into: "\(path)/alone"))
    // Fold 1 is at its end already when the ranks divide the folds; fold 0 begins.
    _ = try Self.train(file, into: "\(path)/shared", folds: [1])
    let information = try InProcessCommunicator.run(ranks: ranks) { world in
      let notes = Notes()
      _ = try Self.train(
        file, into: "\(path)/shared", continues: true, notes: notes, world: world,
        tuning: RunTuning(minimumGain: 0))
      return notes.information
    }
    #expect(try Self.files(of: RunFolder("\(path)/shared")) == Self.files(of: alone.folder))
    #expect(information[0].contains { $0.hasPrefix("fold 0 is joined by rank") }, "\(information)")
  }

  @Test("a run that is stopped saves itself and goes on, on other ranks, as if it had not been")
  func stopping() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let file = try Self.arrange(in: path) { $0.training.epochs = 3 }
    let alone = try #require(try Self.train(file, into: "\(path)/alone"))
    // Also at the end of an epoch, of a fold, and with one fold under way and others not begun.
    for (step, ranks, next) in [(1, 1, 3), (2, 2, 1), (3, 3, 2), (5, 5, 1), (6, 1, 4)] {
      let output = "\(path)/stopped\(step)"
      let stops = (0..<ranks).map { _ in StopRequest() }
      let messages = try InProcessCommunicator.run(ranks: ranks) { world in
        let notes = Notes()
        notes.onStep = { if $1 == step { stops[ranks - 1].make() } }
        do {
          _ = try Self.train(
            file, into: output, notes: notes, world: world, stop: stops[world.rank],
            tuning: RunTuning(progressInterval: .zero))
          return "not stopped"
        } catch let error as RunStopped {
          return error.description
        }
      }
      #expect(Set(messages).count == 1)
      #expect(
        messages[0]
          == "stopped as asked, and everything is saved in \(output): go on with the same command "
          + "and --continue")
      _ = try InProcessCommunicator.run(ranks: next) { world in
        try Self.train(file, into: output, continues: true, world: world).map { $0.table.csv }
      }
      let (stopped, whole) = try (Self.files(of: RunFolder(output)), Self.files(of: alone.folder))
      // The latest and the one before it are those of other moments.
      let isResult = { (name: String) in
        !name.contains("_previous") && !name.contains("_latest")
      }
      #expect(
        stopped.filter { isResult($0.key) } == whole.filter { isResult($0.key) }, "step \(step)")
    }
  }

  @Test("a damaged checkpoint is passed over for the one before it, with a notice")
  func damage() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let file = try Self.arrange(in: path) {
      $0.training.epochs = 3
      $0.training.checkpointEvery = 1
    }
    let alone = try #require(try Self.train(file, into: "\(path)/alone", folds: [0]))
    let stop = StopRequest()
    let notes = Notes()
    notes.onStep = { if $1 == 5 { stop.make() } }
    #expect(throws: RunStopped.self) {
      try Self.train(
        file, into: "\(path)/run", folds: [0], notes: notes, stop: stop,
        tuning: RunTuning(progressInterval: .zero))
    }
    let fold = RunFolder("\(path)/run").fold(0)
    let latest = fold.checkpoint(.latest)
    var bytes = try Data(contentsOf: URL(filePath: latest))
    bytes[bytes.count * 2 / 3] ^= 0x10
    try bytes.write(to: URL(filePath: latest))
    let told = Notes()
    _ = try Self.train(
      file, into: "\(path)/run", folds: [0], continues: true, notes: told)
    #expect(
      told.notices.contains(
        "\(latest) is damaged (its contents do not have the checksum that it states); going on from "
          + fold.checkpoint(.previous)))
    let final = fold.checkpoint(.final)
    #expect(
      try Data(contentsOf: URL(filePath: final))
        == Data(contentsOf: URL(filePath: alone.folder.fold(0).checkpoint(.final))))
    // Where no other is left there is an error.
    for kind in [FoldFolder.Checkpoint.final, .latest, .previous] {
      try Data([1, 2, 3]).write(to: URL(filePath: fold.checkpoint(kind)))
    }
    let error = #expect(throws: AgreedError.self) {
      try Self.train(file, into: "\(path)/run", folds: [0], continues: true)
    }
    #expect(error?.message.hasPrefix("\(final) is damaged (") == true)
    // One sentence: every file, what is wrong with it, one remedy.
    try FileManager.default.removeItem(atPath: final)
    let previous = fold.checkpoint(.previous)
    try bytes.write(to: URL(filePath: previous))
    let both = #expect(throws: AgreedError.self) {
      try Self.train(file, into: "\(path)/run", folds: [0], continues: true)
    }
    let message = try #require(both?.message)
    #expect(message.hasPrefix("\(latest) is damaged ("))
    #expect(
      message.hasSuffix(
        "), and \(previous) is damaged (its contents do not have the checksum that it states): put "
          + "back a copy, or remove both and continue, which trains the fold of \(fold.path) anew"))
    // The remedy works.
    for kind in [latest, previous] { try FileManager.default.removeItem(atPath: kind) }
    let anew = Notes()
    _ = try Self.train(file, into: "\(path)/run", folds: [0], continues: true, notes: anew)
    #expect(
      anew.notices == [
        "nothing was trained in \(path)/run yet (there is no checkpoint to continue from), so that "
          + "training begins anew"
      ])
    #expect(
      try Data(contentsOf: URL(filePath: final))
        == Data(contentsOf: URL(filePath: alone.folder.fold(0).checkpoint(.final))))
  }

  @Test("provenance names program, libraries and data, and the data by its bytes")
  func provenance() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    let file = try Self.arrange(in: path)
    let run = try #require(try Self.train(file, into: "\(path)/run", folds: [1])).folder
    _ = try Self.train(file, into: run.path, folds: [1], continues: true)
    let image = "\(path)/data/imagesTr/patient001_t1_0000.nii.gz"
    var bytes = try Data(contentsOf: URL(filePath: image))
    // The time in the header of gzip (RFC 1952): another file of the same voxels.
    bytes[4] ^= 1
    try bytes.write(to: URL(filePath: image))
    _ = try Self.train(file, into: run.path, folds: [1], continues: true)
    let parts = try Provenance.read(run.provenance)
    #expect(parts.count == 3)
    for part in parts {
      #expect(part.versions["segmpi"] == ProgramVersion.number && part.versions["MPI"] == nil)
      #expect(part.hashes["data"]?.wholeMatch(of: /[0-9a-f]{64}/) != nil)
      #expect(
        part.hashes["program"]?.wholeMatch(of: /checksum64:[0-9a-f]{16}|stamp:[0-9 ]{20,}/) != nil)
    }
    #expect(parts[0].hashes == parts[1].hashes)
    #expect(parts[1].hashes["data"] != parts[2].hashes["data"])
  }

  @Test("folds one by one into one folder leave what all at once leave")
  func oneByOne() throws {
    let folder = try TemporaryFolder()
    let file = try Self.arrange(in: folder.path)
    let whole = try #require(try Self.train(file, into: "\(folder.path)/whole"))
    for fold in [2, 0, 1] {
      let outcome = try Self.train(
        file, into: "\(folder.path)/parts", folds: [fold], continues: fold != 2)
      #expect(outcome?.table.subjects.count == [2: 2, 0: 4, 1: 6][fold])
    }
    #expect(
      try Self.files(of: RunFolder("\(folder.path)/parts")) == Self.files(of: whole.folder))
  }

  @Test("the best checkpoint is the one of the epoch with the highest validation")
  func best() throws {
    struct Entry: Decodable {
      var epoch: Int
      var dice: Double
    }
    let folder = try TemporaryFolder()
    let file = try Self.arrange(in: folder.path) { $0.training.epochs = 5 }
    let outcome = try #require(try Self.train(file, into: "\(folder.path)/run", folds: [0]))
    let fold = outcome.folder.fold(0)
    let entries = try String(contentsOfFile: fold.log, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Entry.self, from: Data($0.utf8)) }
    #expect(entries.map(\.epoch) == [1, 2, 3, 4, 5])
    let best = try #require(entries.max { $0.dice < $1.dice })
    let path = fold.checkpoint(.best)
    let progress = try Checkpoint(reading: Array(Data(contentsOf: URL(filePath: path))), name: path)
      .progress()
    #expect(progress.bestValue == best.dice)
    #expect(progress.bestEpoch == entries.first { $0.dice == best.dice }?.epoch)
    #expect(progress.step == progress.bestEpoch.map { $0 * 2 })
    let final = fold.checkpoint(.final)
    let end = try Checkpoint(reading: Array(Data(contentsOf: URL(filePath: final))), name: final)
      .progress()
    #expect(end.step == 10 && end.bestValue == best.dice && !end.stoppedEarly)
  }

  @Test("training that gains nothing stops after burn-in and patience, and stays stopped")
  func earlyStopping() throws {
    let folder = try TemporaryFolder()
    let file = try Self.arrange(in: folder.path) {
      var sgd = SGDOptimizer()
      sgd.learningRate = 1e-12
      $0.optimizer = OptimizerChoice(sgd)
      $0.training.epochs = 50
      $0.training.earlyStopping = EarlyStoppingSection()
      $0.training.earlyStopping?.burnIn = 2
      $0.training.earlyStopping?.patience = 3
    }
    let outcome = try #require(try Self.train(file, into: "\(folder.path)/run", folds: [1]))
    let path = outcome.folder.fold(1).checkpoint(.final)
    let bytes = try Data(contentsOf: URL(filePath: path))
    let end = try Checkpoint(reading: Array(bytes), name: path).progress()
    #expect(end.stoppedEarly && end.step == 2 * (2 + 3))
    let log = try String(contentsOfFile: outcome.folder.fold(1).log, encoding: .utf8)
    #expect(log.split(separator: "\n").count == 5)
    #expect(log.split(separator: "\n").last?.contains("\"stoppedEarly\":true") == true)
    let notes = Notes()
    _ = try Self.train(
      file, into: outcome.folder.path, folds: [1], continues: true, notes: notes)
    #expect(notes.lines.first == "fold 1 begins after 10 of 100" && notes.steps.isEmpty)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    #expect(try String(contentsOfFile: outcome.folder.fold(1).log, encoding: .utf8) == log)
  }

  @Test("patience counts from the last gain, and nothing stops before the burn-in is over")
  func patience() {
    var section = EarlyStoppingSection()
    section.burnIn = 4
    section.patience = 3
    var progress = TrainingProgress()
    #expect((1...10).first { section.isOver(after: $0, progress) } == 7)
    progress.bestEpoch = 2
    #expect((1...10).first { section.isOver(after: $0, progress) } == 7)
    progress.bestEpoch = 6
    #expect((1...10).first { section.isOver(after: $0, progress) } == 9)
    let gains = [(0.5, 8), (0.51, 9), (0.53, 10)].map {
      progress.improves(
        $0.0, of: .validationDice, epoch: $0.1, minimumDelta: 0.02)
    }
    #expect(gains == [true, false, true])
    #expect(progress.bestEpoch == 10 && progress.bestValue == 0.53)
  }
}
