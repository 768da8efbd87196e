public import CounterRandom

/// `{kind: elastic}`: bends the patch smoothly, by random displacements on a coarse grid with cubic
/// B-splines between.
///
/// As Çiçek et al., "3D U-Net" (MICCAI 2016), section 3.2, do: normal displacements on a grid with a
/// spacing of 32 voxels. A displacement is cut at 0.4 of the spacing, below which space cannot fold
/// (Choi and Lee, "Injectivity conditions of 2D and 3D uniform cubic B-spline functions", Graphical
/// Models 62, 2000). Wherever it stands in the list, this change is the last of the spatial ones.
public struct Elastic: SpatialAugmentation {
  /// "elastic".
  public static let kind = "elastic"

  /// The probability that a patch is bent (0.2).
  public var probability: Float
  /// The distance of control points along each array axis, in voxels ([32, 32, 32]).
  public var spacing: [Float]
  /// The least and the largest standard deviation of displacements, in voxels ([0, 4]).
  public var deviation: [Float]

  /// Bending with these ranges.
  public init(
    probability: Float, spacing: [Float] = [32, 32, 32], deviation: [Float] = [0, 4]
  ) {
    self.probability = probability
    self.spacing = spacing
    self.deviation = deviation
  }

  /// Bending with the default ranges.
  public init() { self.init(probability: 0.2) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Elastic()
    probability = try container.decode(.probability, or: defaults.probability)
    spacing = try container.decode(.spacing, or: defaults.spacing)
    deviation = try container.decode(.deviation, or: defaults.deviation)
  }

  /// Spacings of at least 4 voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "elastic.probability")
    try Volumes.validate(axes: spacing, within: 4...4096, named: "elastic.spacing")
    try Volumes.validate(range: deviation, within: 0...1000, named: "elastic.deviation")
  }

  /// Draws the decision, a standard deviation, and three numbers a control point. In a flat patch (an
  /// extent of 1) displacements stay in the plane.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    let happens = stream.uniform() < probability
    let deviation = stream.uniform(in: self.deviation)
    let seed = stream.next()
    guard happens, deviation > 0 else { return }
    let distances = spacing.map { Double($0) }
    let counts = DisplacementField.counts(size: transform.size, spacing: distances)
    var vectors = [Float](repeating: 0, count: 3 * counts.reduce(1, *))
    var drawing = vectors.mutableSpan
    drawing.mapLanes(0..<drawing.count, withNormals: RandomStream(seed: seed, "displacements")) {
      _, normals in normals
    }
    for index in vectors.indices {
      let axis = index % 3
      let limit = 0.4 * spacing[axis]
      vectors[index] =
        transform.isFlat(axis) ? 0 : min(max(vectors[index] * deviation, -limit), limit)
    }
    transform.displace(
      by: DisplacementField(size: transform.size, spacing: distances, vectors: vectors))
  }
}
