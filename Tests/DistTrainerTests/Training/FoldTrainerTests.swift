import Collective
import Compute
import Nets
import Testing

@testable import DistTrainer

@Suite("The training of a fold", .serialized, .timeLimit(.minutes(3)))
struct FoldTrainerTests {
  private static func trainer(
    _ experiment: Experiment, fold: Int = 0, subjects: Int = 3,
    on communicator: any Communicator = SerialCommunicator()
  ) throws -> FoldTrainer {
    try FoldTrainer(
      experiment, fold: fold, subjects: SmallTraining.subjects(subjects),
      engine: SmallTraining.engine(), communicator: communicator)
  }

  private struct Trace: Equatable, Sendable {
    var losses: [UInt64]
    var values: [UInt32]
  }

  private static func trace(
    _ experiment: Experiment, on communicator: any Communicator
  ) throws -> Trace {
    let trainer = try trainer(experiment, on: communicator)
    let losses = try (0..<4).map { _ in try trainer.step().bitPattern }
    return Trace(losses: losses, values: trainer.values.map(\.bitPattern))
  }

  @Test(
    "threads as ranks take the same steps, bit for bit, as one rank alone",
    arguments: [1, 2, 3, 4, 5, 7])
  func anyNumberOfRanks(ranks: Int) throws {
    let experiment = try SmallTraining.experiment {
      var network = UNet()
      network.features = 4
      network.levels = 2
      network.norm = .batch
      network.dropout = 0.2
      $0.network = NetworkChoice(network)
    }
    let alone = try Self.trace(experiment, on: SerialCommunicator())
    let shared = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try Self.trace(experiment, on: communicator)
    }
    #expect(shared.count == ranks)
    #expect(shared.allSatisfy { $0 == alone })
  }

  @Test("folds and seeds draw patches of their own; one seed and fold always the same")
  func randomNumbers() throws {
    let experiment = try SmallTraining.experiment()
    let first = try Self.trainer(experiment).step()
    #expect(try Self.trainer(experiment).step() == first)
    #expect(try Self.trainer(experiment, fold: 1).step() != first)
    let other = try SmallTraining.experiment { $0.training.seed = 2 }
    #expect(try Self.trainer(other).step() != first)
  }

  @Test("the optimizer takes the schedule's learning rate: halved after each epoch of two steps")
  func learningRate() throws {
    var sgd = SGDOptimizer()
    sgd.learningRate = 0.125
    sgd.momentum = 0
    var schedule = StepSchedule()
    schedule.every = 1
    schedule.factor = 0.5
    let experiment = try SmallTraining.experiment {
      $0.optimizer = OptimizerChoice(sgd)
      $0.schedule = ScheduleChoice(schedule)
      $0.training.stepsPerEpoch = 2
    }
    let trainer = try Self.trainer(experiment)
    for rate in [0.125, 0.125, 0.0625, 0.0625] as [Float] {
      #expect(trainer.learningRate == Double(rate))
      let before = trainer.values
      try trainer.step()
      // Plain SGD: w - rate g.
      for ((old, new), gradient) in zip(zip(before, trainer.values), trainer.gradients) {
        #expect(abs(new - (old - rate * gradient)) <= 1e-6 * max(1, abs(old)))
      }
      #expect(trainer.gradients.contains { abs($0) > 1e-3 })
    }
  }

  @Test("gradients beyond the limit are scaled to it, and only these")
  func clipping() throws {
    func norm(clipNorm: Double?) throws -> Double {
      let trainer = try Self.trainer(
        SmallTraining.experiment { $0.training.clipNorm = clipNorm })
      try trainer.step()
      return trainer.gradients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let free = try norm(clipNorm: nil)
    #expect(free > 0.01)
    #expect(abs(try norm(clipNorm: free / 4) - free / 4) < 1e-3 * free)
    #expect(try norm(clipNorm: free * 2) == free)
  }

  @Test("the loss falls on what can be learned")
  func learns() throws {
    let experiment = try SmallTraining.experiment {
      $0.training.stepsPerEpoch = 40
      $0.training.patch = [12, 12, 12]
    }
    let trainer = try Self.trainer(experiment, subjects: 1)
    let losses = try (0..<60).map { _ in try trainer.step() }
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(5).reduce(0, +) / 5)
    #expect(last < 0.7 * first, "from \(first) to \(last)")
    #expect(trainer.progress.step == 60)
    #expect(trainer.timings.steps == 60)
    #expect(trainer.timings.compute > .zero)
    #expect(abs(trainer.progress.epochLoss - losses.reduce(0, +)) < 1e-9)
  }

  @Test("a loss that is no number ends the training with the parameter's name")
  func notANumber() throws {
    let trainer = try Self.trainer(SmallTraining.experiment())
    trainer.parameters.update { values, _ in values[0] = .infinity }
    let error = #expect(throws: NonFiniteGradient.self) { try trainer.step() }
    #expect(error.map { "\($0)" }?.contains(".weight") == true)
    #expect(trainer.progress.step == 0)
  }
}
