import Collective
import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

/// Notes what a run tells, and copies its folder whenever an epoch has been logged: what a run leaves
/// that is killed then.
private final class Watcher: RunObserver {
  private let folder: String
  private let copies: String?
  private var epochs = 0
  var lines: [String] = []

  init(_ folder: String, copies: String?) {
    self.folder = folder
    self.copies = copies
  }

  func foldBegan(_ fold: Int, after step: Int, of totalSteps: Int) {}
  func foldStepped(_ figures: StepFigures) {}
  func foldLogged(_ fold: Int, line: String) {
    epochs += 1
    guard let copies else { return }
    #expect(throws: Never.self) {
      try FileManager.default.copyItem(atPath: folder, toPath: "\(copies)\(epochs)")
    }
  }
  func foldFinished(_ fold: Int, dice: Double?, subjects: Int) {}
  func informed(_ line: String) { lines.append(line) }
}

/// A small study in a folder, trained in one or several calls.
final class ProtocolRun: Sendable {
  let folder: TemporaryFolder
  let file: String

  /// Writes phantoms of 10 × 9 × 11 voxels and a configuration of three folds.
  init(_ change: (inout ExperimentConfiguration) -> Void) throws {
    folder = try TemporaryFolder()
    var phantom = Phantom()
    phantom.shape = [10, 9, 11]
    try phantom.write(to: "\(folder.path)/data", count: 6)
    var configuration = SmallTraining.configuration()
    configuration.data.dataset = "\(folder.path)/data"
    configuration.data.folds.count = 3
    configuration.training.stepsPerEpoch = 2
    configuration.training.validateEvery = 1
    configuration.evaluation.curves = false
    configuration.evaluation.surface = nil
    change(&configuration)
    file = "\(folder.path)/small.yaml"
    try configuration.resolvedYAML().write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// Trains fold 1 into `name`, and copies its folder to `copies` and the epoch's number whenever
  /// an epoch has been logged. Gives what was told.
  @discardableResult
  func train(
    _ name: String, copies: String? = nil, continues: Bool = false,
    world: any Communicator = SerialCommunicator()
  ) throws -> [String] {
    let output = "\(folder.path)/\(name)"
    let observer = Watcher(output, copies: copies.map { "\(folder.path)/\($0)" })
    _ = try TrainingRun(
      configuration: file, folds: [1], output: output, continues: continues,
      command: ["segmpi", "train"]
    ).run(world: world, observer: observer) { try CPUEngine(threads: $0.threads) }
    return observer.lines
  }

  /// The folder of fold 1.
  func fold(_ name: String) -> FoldFolder { RunFolder("\(folder.path)/\(name)").fold(1) }

  /// A checkpoint of fold 1.
  func checkpoint(_ name: String, _ kind: FoldFolder.Checkpoint = .final) throws -> Checkpoint {
    let path = fold(name).checkpoint(kind)
    return try Checkpoint(reading: Array(Data(contentsOf: URL(filePath: path))), name: path)
  }

  /// What must not depend on ranks or interruptions.
  func bytes(_ name: String) throws -> [String: Data] {
    let fold = fold(name)
    let names = try FileManager.default.subpathsOfDirectory(atPath: fold.path).filter {
      ["checkpoint_best.safetensors", "checkpoint_final.safetensors", "class_counts.json"]
        .contains($0) || $0.hasSuffix("metrics.csv") || $0.hasSuffix(".nii.gz")
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try Data(contentsOf: URL(filePath: "\(fold.path)/\($0)")))
      })
  }

  /// The entries of the log.
  func log(_ name: String) throws -> [LogEntry] {
    try String(contentsOfFile: fold(name).log, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(LogEntry.self, from: Data($0.utf8)) }
  }

  struct LogEntry: Decodable {
    var epoch: Int
    var loss: Double
    var learningRate: Double
    var stage: Int?
    var dice: Double?
    var validationLoss: Double?
    var voxelAccuracy: Double?
    var stoppedEarly: Bool?
  }
}

@Suite("Stages of training", .serialized, .timeLimit(.minutes(5)))
struct StageTests {
  /// Three stages, a plateau by the validation loss, class weights of the data, a mirrored border.
  private static func everything(_ configuration: inout ExperimentConfiguration) {
    configuration.training.epochs = 3
    configuration.training.quantity = .validationLoss
    configuration.training.border = .mirror
    var network = UNet()
    (network.features, network.levels, network.padding) = (2, 2, .valid)
    configuration.network = NetworkChoice(network)
    configuration.training.patch = [28, 28, 28]
    configuration.inference.overlap = 0.0
    var loss = CrossEntropyLoss()
    loss.options.weighting = .complement
    configuration.loss = LossChoice(loss)
    var plateau = PlateauSchedule()
    (plateau.patience, plateau.factor, plateau.minimumDelta) = (0, 0.5, 10)
    configuration.schedule = ScheduleChoice(plateau)
    var second = StageSection()
    second.epochs = 2
    var sgd = SGDOptimizer()
    sgd.learningRate = 1e-3
    second.optimizer = OptimizerChoice(sgd)
    var third = StageSection()
    (third.epochs, third.start) = (1, .last)
    third.schedule = ScheduleChoice(ConstantSchedule())
    configuration.training.stages = [second, third]
  }

  @Test("two ranks leave the files that one leaves", arguments: [2, 3])
  func ranks(ranks: Int) throws {
    let study = try ProtocolRun(Self.everything)
    try study.train("alone")
    _ = try InProcessCommunicator.run(ranks: ranks) { world in
      try study.train("shared", world: world)
    }
    let alone = try study.bytes("alone")
    #expect(alone.count == 6, "\(alone.keys.sorted())")
    #expect(try study.bytes("shared") == alone)
    #expect(try study.log("shared").map(\.stage) == [0, 0, 0, 1, 1, 2])
  }

  @Test("a run that is killed in any stage goes on to the same files", arguments: [0, 1])
  func interruptions(checkpointEvery: Int) throws {
    let study = try ProtocolRun {
      Self.everything(&$0)
      // After each step, or after each epoch.
      $0.training.checkpointEvery = checkpointEvery
    }
    try study.train("whole", copies: "parts")
    let whole = try study.bytes("whole")
    for epoch in [2, 4, 5, 6] {
      try study.train("parts\(epoch)", continues: true)
      #expect(try study.bytes("parts\(epoch)") == whole)
      #expect(
        try study.log("parts\(epoch)").map(\.learningRate)
          == study.log("whole").map(\.learningRate))
    }
  }

  @Test("a stage begins with the best weights, its own optimizer and schedule")
  func best() throws {
    let study = try ProtocolRun {
      $0.training.epochs = 4
      // Steps as large as these make the last weights the worst.
      var sgd = SGDOptimizer()
      sgd.learningRate = 3
      sgd.momentum = 0
      $0.optimizer = OptimizerChoice(sgd)
      $0.training.quantity = .trainingLoss
      var stage = StageSection()
      stage.epochs = 2
      var still = AdamOptimizer()
      still.learningRate = 0
      stage.optimizer = OptimizerChoice(still)
      $0.training.stages = [stage]
      $0.schedule = ScheduleChoice(ConstantSchedule())
    }
    try study.train("run")
    let (best, final) = (try study.checkpoint("run", .best), try study.checkpoint("run"))
    let progress = try final.progress()
    #expect(progress.stage == 1 && progress.stageEpoch == 4 && progress.step == 12)
    let log = try study.log("run")
    let first = log.prefix(4)
    #expect(
      progress.bestEpoch == first.min { $0.loss < $1.loss }?.epoch || progress.bestEpoch ?? 0 > 4)
    #expect(log.map(\.learningRate) == [3, 3, 3, 3, 0, 0])
    #expect(log.map(\.stage) == [0, 0, 0, 0, 1, 1])
    // A learning rate of 0 leaves the stage's first weights, which the best checkpoint has.
    let names = best.file.tensors.keys.filter { !$0.contains("/") }
    #expect(names.count > 5)
    for name in names {
      #expect(final.file.tensors[name] == best.file.tensors[name], "\(name)")
    }
    #expect(final.file.tensors.keys.contains { $0.hasPrefix("adam.m/") })
    #expect(!final.file.tensors.keys.contains { $0.hasPrefix("momentum/") })
  }

  @Test("early stopping ends a stage, and training after the last")
  func stopping() throws {
    let study = try ProtocolRun {
      var sgd = SGDOptimizer()
      sgd.learningRate = 1e-12
      $0.optimizer = OptimizerChoice(sgd)
      $0.training.epochs = 50
      var stopping = EarlyStoppingSection()
      (stopping.burnIn, stopping.patience, stopping.minimumDelta) = (0, 2, 1)
      $0.training.earlyStopping = stopping
      $0.training.quantity = .voxelAccuracy
      $0.training.stages = [StageSection()]
    }
    try study.train("run")
    let log = try study.log("run")
    // The first value is a gain; two epochs more without one end each stage.
    #expect(log.map(\.stage) == [0, 0, 0, 1, 1])
    #expect(log.map(\.stoppedEarly) == [nil, nil, true, nil, true])
    #expect(try study.checkpoint("run").progress().stoppedEarly)
    for entry in log {
      let accuracy = try #require(entry.voxelAccuracy)
      #expect((0...1).contains(accuracy))
    }
  }

  @Test("the plateau of a run drops the learning rate after each value without gain")
  func plateau() throws {
    let study = try ProtocolRun {
      var plateau = PlateauSchedule()
      (plateau.watches, plateau.patience, plateau.factor) = (.trainingLoss, 1, 0.5)
      plateau.minimumDelta = 1e3
      $0.schedule = ScheduleChoice(plateau)
      $0.training.epochs = 6
      $0.training.validateEvery = 0
    }
    try study.train("run")
    // 0.01: a first value, then two without gain before each drop.
    #expect(try study.log("run").map(\.learningRate) == [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025])
    let state = try study.checkpoint("run").progress().schedule
    #expect(state.scale == 0.25 && state.wait == 1)
  }

  @Test("what goes by validations wants them in time, and stages check their own keys")
  func faults() throws {
    func paths(_ yaml: String) -> [String] {
      let base = "schema: 1\ndata: {dataset: x}\n"
      let error = #expect(throws: ConfigurationError.self) {
        try ExperimentConfiguration.load(yaml: base + yaml)
      }
      return error?.faults.map(\.path) ?? []
    }
    #expect(
      paths("training: {validateEvery: 0, stages: [{epochs: 3}]}") == ["training.validateEvery"])
    #expect(
      paths("training: {validateEvery: 0}\nschedule: {kind: plateau}")
        == ["training.validateEvery"])
    #expect(
      paths("training: {epochs: 5, validateEvery: 6, stages: [{epochs: 2}]}")
        == ["training.validateEvery"])
    #expect(
      paths(
        """
        training: {slices: 2, outputWeights: [1, -1], stages: [{epochs: 0, start: last,
          optimizer: {kind: sgd, momentum: 2}, schedule: {kind: step, factor: 0}, oops: 1}]}
        """
      ).sorted() == [
        "training.outputWeights.1", "training.slices", "training.stages.0.epochs",
        "training.stages.0.oops", "training.stages.0.optimizer.momentum",
        "training.stages.0.schedule.factor",
      ])
    let fine = try ExperimentConfiguration.load(
      yaml: """
        schema: 1
        data: {dataset: x}
        training: {validateEvery: 0, quantity: trainingLoss, earlyStopping: {patience: 2},
          stages: [{epochs: 3, optimizer: {kind: adam, learningRate: 1.0e-5}}]}
        """)
    #expect(fine.training.totalSteps == 103 * 50)
    #expect(fine.stages[1].optimizer.learningRate == 1e-5)
    #expect(fine.stages[1].schedule is PolynomialSchedule)
    #expect(try ExperimentConfiguration.load(yaml: fine.resolvedYAML()) == fine)
  }
}
