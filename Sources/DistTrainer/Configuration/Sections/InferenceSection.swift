/// `inference`: how a network is slid over a whole volume.
public struct InferenceSection: ConfigurationSection {
  /// How far neighboring tiles overlap, as a part of the patch, in 0..<1.
  public var overlap = 0.5
  /// How overlapping tiles are weighed.
  public var weights = TileWeights.gaussian
  /// What is done to a segmentation once it lies on the grid of its file, in order; empty: nothing.
  public var postprocessing: [PostProcessingChoice] = []

  /// All keys at their defaults.
  public init() {}
}

/// How overlapping tiles are weighed.
public enum TileWeights: String, Codable, Sendable, CaseIterable {
  /// A Gaussian around the tile's center, of standard deviation an eighth of the patch.
  case gaussian
  /// All voxels alike.
  case uniform
}
