public import Nets
public import Volumes

/// Everything an experiment is: one file in YAML, or the defaults.
///
/// Precedence: command line over file over defaults. Environment variables change nothing.
public struct ExperimentConfiguration: ConfigurationSection {
  /// The version of the format that this program reads and writes.
  public static let supportedSchema = 1

  /// The version of the format. A file must give it.
  public var schema = ExperimentConfiguration.supportedSchema
  /// The experiment's name, for reports and as the name of its run folder.
  public var name = "experiment"
  /// Which subjects, and how they fall into folds.
  public var data = DataSection()
  /// What is done to a volume once, before training.
  public var preparation = Preparation()
  /// The network.
  public var network = NetworkChoice(UNet())
  /// What training makes small.
  public var loss = LossChoice(DiceCrossEntropyLoss())
  /// How weights follow gradients.
  public var optimizer = OptimizerChoice(SGDOptimizer())
  /// How the learning rate changes in the course of training.
  public var schedule = ScheduleChoice(PolynomialSchedule())
  /// How long, on what, in which arithmetic.
  public var training = TrainingSection()
  /// Which weights training begins with.
  public var initialize = InitializeSection()
  /// Random changes of patches, in the order in which they are made.
  public var augmentation: [AnyAugmentation] = []
  /// How a network is slid over a whole volume.
  public var inference = InferenceSection()
  /// What is measured of validation subjects.
  public var evaluation = EvaluationSection()
  /// What the machine lends to a rank.
  public var compute = ComputeSection()

  /// All keys at their defaults.
  public init() {}

  /// The configuration with every key written out: what `config.resolved.yaml` holds. Reading it
  /// gives this configuration again, and writing that the same bytes.
  ///
  /// - Throws: `EncodingError` for a number that is not finite, which no file can bring in.
  public func resolvedYAML() throws -> String { try ConfigurationNode(encoding: self).yaml }
}
