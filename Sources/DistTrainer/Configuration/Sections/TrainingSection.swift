public import Collective
public import Compute
public import Nets

/// `training`: how long, on what, in which arithmetic.
public struct TrainingSection: ConfigurationSection {
  /// How many epochs, at most.
  public var epochs = 100
  /// Optimizer steps an epoch, however many subjects there are: a run on a part of them
  /// (`data.subset`) takes as many steps as one on all.
  public var stepsPerEpoch = 50
  /// The patch in voxels, by axis of the orientation; as many axes as the network has dimensions.
  public var patch = [64, 64, 64]
  /// How many neighboring slices a network of two dimensions sees as channels, an odd number; it is
  /// trained on the middle one. The axis is that along which `patch` is 1. Beyond the first and the
  /// last slice of a volume these are repeated.
  public var slices = 1
  /// What lies beyond a volume's border, for networks whose output is smaller than their patch:
  /// `zeros`, `edge` (the nearest voxel), or `mirror`. With `zeros` training patches lie inside, so
  /// that voxels near the border are no targets; otherwise every voxel is.
  public var border = VolumeBorder.zeros
  /// How many micro-batches make a step, a power of two. It decides the result and does not depend
  /// on the number of ranks, which share the shards. More shards than ranks are what elsewhere is
  /// called accumulation of gradients.
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
  /// What decides which weights are the best and when training stops: `validationDice`,
  /// `validationLoss`, `trainingLoss` or `voxelAccuracy`.
  public var quantity = TrainingQuantity.validationDice
  /// Whether validations measure the loss even where nothing goes by it.
  public var validationLoss = false
  /// When to stop before the last epoch; `null`: never.
  public var earlyStopping: EarlyStoppingSection?
  /// How gradients travel between ranks: `float32`, or `bfloat16` at half the bytes, with what rounding
  /// takes away made good in later steps. It decides the result, on one rank too.
  public var wire = WireFormat.float32
  /// The largest global norm of the gradient, to which greater ones are scaled; `null`: no limit.
  public var clipNorm: Double?
  /// The weight of each output's loss, full resolution first, for networks that are supervised at
  /// several levels; `null`: the network's own.
  public var outputWeights: [Double]?
  /// Further stages, such as fine-tuning from the best weights.
  public var stages: [StageSection] = []

  /// All keys at their defaults.
  public init() {}
}

/// `training.earlyStopping`: stop when `training.quantity` no longer gains.
public struct EarlyStoppingSection: ConfigurationSection {
  /// Stop after so many epochs without a gain.
  public var patience = 20
  /// What counts as a gain, in the quantity's own unit.
  public var minimumDelta = 1e-4
  /// Epochs at the beginning during which nothing stops.
  public var burnIn = 30

  /// All keys at their defaults.
  public init() {}
}

/// What is taken to lie beyond a volume's border.
public enum VolumeBorder: String, Codable, Sendable, CaseIterable {
  /// Zeros.
  case zeros
  /// The nearest voxel.
  case edge
  /// The volume mirrored at its outermost voxels, which are not repeated.
  case mirror

  /// The place in `0..<extent` that stands for a place beyond it; nil where zero stands for it.
  func source(of place: Int, extent: Int) -> Int? {
    if place >= 0, place < extent { return place }
    switch self {
    case .zeros: return nil
    case .edge: return place < 0 ? 0 : extent - 1
    case .mirror:
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let phase = (place % period + period) % period
      return phase < extent ? phase : period - phase
    }
  }
}
