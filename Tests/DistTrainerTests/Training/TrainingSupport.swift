import Compute
import Nets
import Volumes

@testable import DistTrainer

/// A small experiment on phantoms in memory.
enum SmallTraining {
  static let labels = Phantom.labelNames.enumerated().map {
    DatasetLabel(number: UInt8($0), name: $1)
  }

  /// A U-Net of two levels and 4 maps on patches of 8³, two epochs of three steps.
  static func configuration(
    _ change: (inout ExperimentConfiguration) -> Void = { _ in }
  ) -> ExperimentConfiguration {
    var network = UNet()
    network.features = 4
    network.levels = 2
    var adam = AdamOptimizer()
    adam.learningRate = 0.01
    var configuration = ExperimentConfiguration()
    configuration.name = "small"
    configuration.data.dataset = "none"
    configuration.network = NetworkChoice(network)
    configuration.optimizer = OptimizerChoice(adam)
    configuration.training.patch = [8, 8, 8]
    configuration.training.epochs = 2
    configuration.training.stepsPerEpoch = 3
    configuration.training.precision = .float32
    change(&configuration)
    return configuration
  }

  static func experiment(
    _ change: (inout ExperimentConfiguration) -> Void = { _ in }
  ) throws -> Experiment {
    try Experiment(configuration(change), channels: 1, labels: labels)
  }

  /// Scans of 12³ voxels, normalized.
  static func subjects(_ count: Int) throws -> [PreparedSubject] {
    var phantom = Phantom()
    phantom.shape = [12, 12, 12]
    return try (0..<count).map { index in
      let made = try phantom.subject(index)
      let (image, _) = try Preparation().prepare(made.image)
      return try PreparedSubject(name: made.id, image: image, classes: made.labels.voxels)
    }
  }

  static func engine() throws -> CPUEngine { try CPUEngine(threads: 1) }
}

extension FoldTrainer {
  /// All parameters as they stand.
  var values: [Float] {
    parameters.withValues { values in values.indices.map { values[$0] } }
  }

  /// The gradients that the last step has used: the mean over the shards, clipped.
  var gradients: [Float] {
    parameters.withGradients { gradients in gradients.indices.map { gradients[$0] } }
  }
}
