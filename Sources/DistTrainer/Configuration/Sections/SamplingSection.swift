public import Volumes

/// `training.sampling`: where patches lie that are not centered on foreground, and how they are read.
public struct SamplingSection: ConfigurationSection {
  /// `uniform`: anywhere; `centerNormal`: near the middle of the volume.
  public var place = PatchSampling.Place.uniform
  /// The standard deviation of `centerNormal`, as a part of the distance between the middle place
  /// and the border.
  public var deviation = 0.25
  /// How often a patch that shows too little foreground is drawn anew.
  public var redraws = 0
  /// The voxels of foreground that a patch must show not to be drawn anew.
  public var minimumForeground = 1
  /// How many patches in a row are drawn from one volume.
  public var drawsPerVolume = 1
  /// How intensities between voxels are found where patches are turned or bent: `linear` or `cubic`.
  public var interpolation = ImageLookup.linear
  /// How labels between voxels are found: `nearest`, or `linear` by their indicators.
  public var labels = LabelLookup.nearest

  /// All keys at their defaults.
  public init() {}
}

extension TrainingSection {
  /// Where patches lie, and how they are read.
  var patchSampling: PatchSampling {
    PatchSampling(
      foregroundProbability: Float(foregroundFraction), place: sampling.place,
      deviation: sampling.deviation, redraws: sampling.redraws,
      minimumForeground: sampling.minimumForeground, interpolation: sampling.interpolation,
      labels: sampling.labels)
  }
}
