public import Collective
public import Compute
internal import CounterRandom
internal import Evaluation
internal import Nets
internal import Volumes

/// Times training steps on a volume of noise: patches, forward, backward, sum, optimizer.
///
/// The default is the reference step: a 3D U-Net of 16 base maps and 4 levels with batch
/// normalization and ReLU, 64³ patches, a global batch of two, Adam.
public struct StepBenchmark: Sendable {
  /// What is timed; the data section is ignored.
  public var configuration: ExperimentConfiguration
  /// The number of classes.
  public var classes = 2
  /// Steps that are not counted.
  public var warmUp = 3
  /// Steps that are counted.
  public var repetitions = 10

  /// The reference step in a precision, with a number of threads.
  public init(precision: Compute.Precision, threads: Int) throws {
    var network = UNet()
    network.features = 16
    network.levels = 4
    network.norm = .batch
    network.activation = .relu
    configuration = ExperimentConfiguration()
    configuration.network = NetworkChoice(network)
    configuration.optimizer = OptimizerChoice(AdamOptimizer())
    configuration.training.patch = [64, 64, 64]
    configuration.training.shards = 2
    configuration.training.shardSize = 1
    configuration.training.precision = precision
    configuration.compute.threads = threads
  }

  /// What was measured.
  public struct Outcome: Sendable {
    /// Milliseconds of each counted step, in order.
    public let milliseconds: [Double]
    /// Where the time went.
    public let timings: StepTimings
    /// What a rank's plan occupies.
    public let memory: MemoryEstimate
    /// Multiply-adds of the forward and backward pass over the whole global batch.
    public let multiplyAdds: Int
    /// The engine and its instruction set.
    public let engine: String
    /// The precision the plan ran in.
    public let precision: Compute.Precision

    /// The median of ``milliseconds``.
    public var median: Double {
      let sorted = milliseconds.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The outcome as JSON, in one line.
    public var json: String {
      JSONValue.object([
        ("stepMilliseconds", .number(median)),
        ("minimumMilliseconds", .number(milliseconds.min() ?? 0)),
        ("maximumMilliseconds", .number(milliseconds.max() ?? 0)),
        ("repetitions", .integer(milliseconds.count)), ("parts", timings.json),
        ("gigaflopsPerSecond", .number(Double(2 * multiplyAdds) / median / 1e6)),
        ("arenaBytes", .integer(memory.arena)), ("unsharedBytes", .integer(memory.unshared)),
        ("precision", .string(precision.rawValue)), ("engine", .string(engine)),
      ]).compact
    }
  }

  /// Takes the steps; collective over `world`.
  ///
  /// - Throws: what keeps the network from being compiled.
  public func run(world: any Communicator, engine: any Engine) throws -> Outcome {
    let labels = (0..<classes).map { DatasetLabel(number: UInt8($0), name: "label \($0)") }
    let experiment = try Experiment(configuration, channels: 1, labels: labels)
    let trainer = try FoldTrainer(
      experiment, fold: 0, subjects: [noise(experiment)], engine: engine, communicator: world)
    for _ in 0..<warmUp { try trainer.step() }
    trainer.resetTimings()
    let clock = ContinuousClock()
    let times = try (0..<repetitions).map { _ in
      try clock.measure { try trainer.step() } / .milliseconds(1)
    }
    return Outcome(
      milliseconds: times, timings: trainer.timings, memory: trainer.memory,
      multiplyAdds: trainer.multiplyAdds * configuration.training.shards,
      engine: "\(engine.name)-\(engine.instructionSet)",
      precision: experiment.precision(on: engine))
  }

  /// A subject of noise, a little larger than a patch.
  private func noise(_ experiment: Experiment) throws -> PreparedSubject {
    let geometry = Geometry(shape: experiment.patch.extents.map { $0 == 1 ? 1 : $0 + 8 })
    var stream = RandomStream(seed: 1, "benchmark")
    let voxels = (0..<geometry.count).map { _ in stream.normal() }
    let classes = (0..<geometry.count).map { _ in
      UInt8(stream.integer(below: experiment.classes))
    }
    return try PreparedSubject(
      name: "noise", image: Volume(voxels: voxels, geometry: geometry), classes: classes)
  }
}
