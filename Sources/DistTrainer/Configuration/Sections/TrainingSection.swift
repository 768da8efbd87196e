public import Compute

/// `training`: how long, on what, in which arithmetic.
public struct TrainingSection: ConfigurationSection {
  /// How many epochs.
  public var epochs = 100
  /// Optimizer steps an epoch.
  public var stepsPerEpoch = 50
  /// The patch in voxels, by axis of the orientation; as many axes as the network has dimensions.
  public var patch = [64, 64, 64]
  /// How many micro-batches make a step, a power of two. It decides the result and does not depend
  /// on the number of ranks, which share the shards.
  public var shards = 4
  /// Patches a micro-batch.
  public var shardSize = 1
  /// The arithmetic of the network.
  public var precision = Precision.automatic
  /// The seed of everything random in training: initial weights, patches, augmentation, dropout.
  public var seed: UInt64 = 1
  /// The part of patches that must show foreground.
  public var foregroundFraction = 0.33
  /// Where the other patches lie, and how all of them are read.
  public var sampling = SamplingSection()
  /// Validate on whole volumes every so many epochs; 0: only after the last.
  public var validateEvery = 10
  /// Save `checkpoint_latest` every so many steps; 0: after every epoch.
  public var checkpointEvery = 0
  /// When to stop before the last epoch; `null`: never.
  public var earlyStopping: EarlyStoppingSection?
  /// The largest global norm of the gradient, to which greater ones are scaled; `null`: no limit.
  public var clipNorm: Double?

  /// All keys at their defaults.
  public init() {}
}

/// `training.earlyStopping`: stop when validation no longer gains.
public struct EarlyStoppingSection: ConfigurationSection {
  /// Stop after so many epochs without a gain.
  public var patience = 20
  /// What counts as a gain of the validation score.
  public var minimumDelta = 1e-4
  /// Epochs at the beginning during which nothing stops.
  public var burnIn = 30

  /// All keys at their defaults.
  public init() {}
}
