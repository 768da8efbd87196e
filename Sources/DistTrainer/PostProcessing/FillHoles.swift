internal import Evaluation
public import Nets
public import Volumes

/// `{kind: fillHoles}`: gives each label the background voxels that it encloses.
///
/// A hole is what no path of voxels outside the label leads out of, to the border of the grid.
/// Another label inside it stays as it is. Voxels outside touch as is dual to the structure's
/// connectivity: by faces where that is 18 or 26 (as `scipy.ndimage.binary_fill_holes`), by corners
/// where it is 6.
public struct FillHoles: PostProcessingStep {
  /// The name in a configuration.
  public static let kind = "fillHoles"

  /// The labels that are treated, each by itself, in ascending order; nil: every foreground label
  /// (nil).
  public var labels: [Int]?
  /// How many neighbors a voxel of the structure touches: 6, 18 or 26 (26).
  public var connectivity = 26

  /// Of these labels, all where nil.
  public init(labels: [Int]? = nil, connectivity: Int = 26) {
    self.labels = labels
    self.connectivity = connectivity
  }

  private enum CodingKeys: String, CodingKey { case labels, connectivity }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    labels = try keys.decodeIfPresent([Int].self, forKey: .labels)
    connectivity = try keys.decodeIfPresent(Int.self, forKey: .connectivity) ?? connectivity
  }

  /// Writes every key, `labels: null` too.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(labels, forKey: .labels)
    try keys.encode(connectivity, forKey: .connectivity)
  }

  /// Labels are foreground, connectivity is 6, 18 or 26.
  public func problems() -> [ConfigurationProblem] { commonProblems(connectivity: connectivity) }

  /// Fills.
  ///
  /// - Throws: `ComponentsError` for a structure whose box has more than 2^31 - 1 voxels.
  public func apply(to volume: inout LabelVolume) throws {
    let background: Neighborhood = connectivity == 6 ? .corners : .faces
    for labels in structures(in: volume, together: false) {
      guard let label = labels.first, let structure = Structure(of: labels, in: volume) else {
        continue
      }
      let filled = try HoleFilling.fill(
        structure.mask, shape: structure.shape, background: background)
      structure.fill(filled, in: &volume, with: label)
    }
  }
}
