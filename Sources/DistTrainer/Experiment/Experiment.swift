public import Compute
internal import Evaluation
public import Nets
public import Volumes

/// What a configuration describes, once it is known which images it meets.
///
/// All that training and prediction need, and nothing of where the data lies: a checkpoint carries
/// it too.
public struct Experiment: Sendable {
  /// The configuration, resolved.
  public let configuration: ExperimentConfiguration
  /// The number of image channels.
  public let channels: Int
  /// The labels, background first; their place is the class the network speaks of.
  public let labels: [DatasetLabel]
  /// The shape of a training patch and of an inference tile.
  public let patch: PatchShape
  /// What is measured of validation subjects.
  let measurement: StructureMeasurement

  /// Joins a configuration with the images it is meant for.
  ///
  /// - Parameters:
  ///   - configuration: what is asked for.
  ///   - channels: the number of image channels, at least 1.
  ///   - labels: the labels in use, the background (0) among them.
  /// - Throws: ``ConfigurationError`` where patch, network, post-processing or groups do not
  ///   fit.
  public init(
    _ configuration: ExperimentConfiguration, channels: Int, labels: [DatasetLabel]
  ) throws {
    self.configuration = configuration
    self.channels = channels
    self.labels = labels.sorted { $0.number < $1.number }
    patch = try PatchShape(
      configuration.training.patch, slices: configuration.training.slices,
      for: configuration.network.value)
    let problems = configuration.loss.value.problems(classes: labels.count)
    let faults =
      problems.map { ConfigurationFault("loss.\($0.key)", $0.message) }
      + configuration.inference.postprocessing.strayLabels(
        among: self.labels, path: "inference.postprocessing")
    guard faults.isEmpty else { throw ConfigurationError(faults) }
    measurement = try Self.measurement(configuration.evaluation, labels: self.labels)
  }

  /// The number of classes, background included.
  public var classes: Int { labels.count }
  /// The network.
  public var network: any NetworkConfiguration { configuration.network.value }
  /// What it is trained to lower.
  public var loss: any LossConfiguration { configuration.loss.value }
  /// What a batch of so many samples is for the network, `[N, C, spatial…]`.
  public func networkInput(batch: Int) -> Shape {
    Shape(batch: batch, channels: channels * patch.slices, spatial: patch.networkExtents)
  }
  /// The weights of the network's outputs in the loss; nil takes the network's own.
  var outputWeights: [Float]? { configuration.training.outputWeights?.map { Float($0) } }
  /// What changes its weights.
  public var optimizer: any OptimizerConfiguration { configuration.optimizer.value }
  /// How the learning rate changes.
  public var schedule: any ScheduleConfiguration { configuration.schedule.value }
  /// What is done to training patches; their normalization, where they have one, comes last.
  public var augmentations: [any Augmentation] {
    configuration.augmentation.map(\.value) + (patchNormalization.map { [$0] } ?? [])
  }
  /// The rule that is applied to each patch and each tile by itself; nil where there is none.
  var patchNormalization: PatchNormalization? {
    let rule = configuration.preparation.patch.value
    return rule is NoNormalization ? nil : PatchNormalization(rule)
  }
  /// How whole volumes are predicted.
  public var inference: InferenceSection { configuration.inference }

  /// The precision that is asked for, `auto` resolved for one engine.
  public func precision(on engine: any Engine) -> Compute.Precision {
    let asked = configuration.training.precision
    return asked == .automatic ? engine.preferredPrecision : asked
  }

  /// The class of each label number that the data may hold.
  var classOfLabel: [Int: UInt8] {
    Dictionary(
      uniqueKeysWithValues: labels.enumerated().map { (Int($1.number), UInt8($0)) })
  }
}
