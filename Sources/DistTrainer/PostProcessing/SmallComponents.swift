internal import Evaluation
public import Nets
public import Volumes

/// `{kind: smallComponents, minimum: 50}`: makes background of connected components of each label
/// below a size.
public struct SmallComponents: PostProcessingStep {
  /// The name in a configuration.
  public static let kind = "smallComponents"

  /// What ``minimum`` counts.
  public enum Unit: String, NamedOption {
    /// Cubic millimeters, by the header's affine map.
    case mm3
    /// Voxels.
    case voxels
  }

  /// The labels that are treated; nil: every foreground label (nil).
  public var labels: [Int]?
  /// Whether the labels are one structure (false).
  public var together = false
  /// The least size that stays (10).
  public var minimum = 10.0
  /// What ``minimum`` counts (`mm3`).
  public var unit = Unit.mm3
  /// How many neighbors a voxel touches: 6, 18 or 26 (26).
  public var connectivity = 26

  /// Of these labels, all where nil.
  public init(
    labels: [Int]? = nil, together: Bool = false, minimum: Double = 10, unit: Unit = .mm3,
    connectivity: Int = 26
  ) {
    self.labels = labels
    self.together = together
    self.minimum = minimum
    self.unit = unit
    self.connectivity = connectivity
  }

  private enum CodingKeys: String, CodingKey {
    case labels, together, minimum, unit, connectivity
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    labels = try keys.decodeIfPresent([Int].self, forKey: .labels)
    together = try keys.decodeIfPresent(Bool.self, forKey: .together) ?? together
    minimum = try keys.decodeIfPresent(Double.self, forKey: .minimum) ?? minimum
    unit = try keys.decodeIfPresent(Unit.self, forKey: .unit) ?? unit
    connectivity = try keys.decodeIfPresent(Int.self, forKey: .connectivity) ?? connectivity
  }

  /// Writes every key, `labels: null` too.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(labels, forKey: .labels)
    try keys.encode(together, forKey: .together)
    try keys.encode(minimum, forKey: .minimum)
    try keys.encode(unit, forKey: .unit)
    try keys.encode(connectivity, forKey: .connectivity)
  }

  /// Labels are foreground, the size is positive, connectivity is 6, 18 or 26.
  public func problems() -> [ConfigurationProblem] {
    var problems = commonProblems(connectivity: connectivity)
    if !(minimum > 0 && minimum <= 1e15) {
      problems.append(
        ConfigurationProblem("minimum", "is \(minimum); it must lie above 0, up to 1e15"))
    }
    return problems
  }

  /// Removes the components that are too small.
  ///
  /// - Throws: `ComponentsError` for a structure whose box has more than 2^31 - 1 voxels.
  public func apply(to volume: inout LabelVolume) throws {
    let least = voxels(in: volume.geometry)
    for labels in structures(in: volume, together: together) {
      guard let structure = Structure(of: labels, in: volume) else { continue }
      let components = try structure.components(neighborhood(connectivity))
      guard components.sizes.contains(where: { $0 < least }) else { continue }
      structure.keep(components.removing(smallerThan: least), in: &volume)
    }
  }

  /// The least number of voxels that a component needs to stay.
  ///
  /// A volume that is a multiple of a voxel's but for rounding counts as that multiple: 3 voxels of
  /// 0.1 mm3 are 0.3 mm3.
  func voxels(in geometry: Geometry) -> Int {
    let size = unit == .voxels ? 1 : abs(geometry.affine.determinant)
    let count = minimum / size * (1 - 1e-12)
    // A header may claim any spacing: more voxels than there are is as much as any number.
    return count < 0x1p53 ? Int(count.rounded(.up)) : Int.max
  }
}
