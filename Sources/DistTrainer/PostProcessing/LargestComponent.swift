internal import Evaluation
public import Nets
public import Volumes

/// `{kind: largestComponent}`: keeps the largest connected component of each label and makes
/// background of the others; of equal ones, the first in the order of storage stays.
///
/// Deniz 2018 keeps the largest of the bone; nnU-Net asks for the foreground as one structure first
/// (`together: true`) and then for each label.
public struct LargestComponent: PostProcessingStep {
  /// The name in a configuration.
  public static let kind = "largestComponent"

  /// The labels that are treated; nil: every foreground label (nil).
  public var labels: [Int]?
  /// Whether the labels are one structure, of which the largest component stays (false).
  public var together = false
  /// How many neighbors a voxel touches: 6, 18 or 26 (26).
  public var connectivity = 26

  /// Of these labels, all where nil.
  public init(labels: [Int]? = nil, together: Bool = false, connectivity: Int = 26) {
    self.labels = labels
    self.together = together
    self.connectivity = connectivity
  }

  private enum CodingKeys: String, CodingKey { case labels, together, connectivity }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    labels = try keys.decodeIfPresent([Int].self, forKey: .labels)
    together = try keys.decodeIfPresent(Bool.self, forKey: .together) ?? together
    connectivity = try keys.decodeIfPresent(Int.self, forKey: .connectivity) ?? connectivity
  }

  /// Writes every key, `labels: null` too.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(labels, forKey: .labels)
    try keys.encode(together, forKey: .together)
    try keys.encode(connectivity, forKey: .connectivity)
  }

  /// Labels are foreground, connectivity is 6, 18 or 26.
  public func problems() -> [ConfigurationProblem] { commonProblems(connectivity: connectivity) }

  /// Removes all components but the largest.
  ///
  /// - Throws: `ComponentsError` for a structure whose box has more than 2^31 - 1 voxels.
  public func apply(to volume: inout LabelVolume) throws {
    for labels in structures(in: volume, together: together) {
      guard let structure = Structure(of: labels, in: volume) else { continue }
      let components = try structure.components(neighborhood(connectivity))
      if components.count > 1 { structure.keep(components.largest(), in: &volume) }
    }
  }
}
