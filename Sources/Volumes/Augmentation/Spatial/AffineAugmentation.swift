public import CounterRandom

/// `{kind: affine}`: turns, resizes, shears and moves the patch.
///
/// Everything happens in space, in millimeters, so that a turn stays one where voxels are no cubes;
/// moving counts voxels. In a flat patch (an extent of 1) it stays in the plane.
public struct AffineAugmentation: SpatialAugmentation {
  /// "affine".
  public static let kind = "affine"

  /// The probability that a patch is changed at all (0.3).
  public var probability: Float
  /// The largest angle about each array axis, both ways, in degrees ([15, 15, 15]).
  public var degrees: [Float]
  /// The least and the largest factor of size; above 1, structures grow ([0.85, 1.25]).
  public var scale: [Float]
  /// Whether one factor is drawn for all axes, or one for each (true).
  public var isotropic: Bool
  /// The largest angle of shear along each array axis, both ways, in degrees ([0, 0, 0]): the axis
  /// leans towards the next one, the last towards the first.
  public var shear: [Float]
  /// The largest distance moved along each array axis, both ways, in voxels ([0, 0, 0]).
  public var translation: [Float]

  /// A change with these ranges.
  public init(
    probability: Float, degrees: [Float] = [15, 15, 15], scale: [Float] = [0.85, 1.25],
    isotropic: Bool = true, shear: [Float] = [0, 0, 0], translation: [Float] = [0, 0, 0]
  ) {
    self.probability = probability
    self.degrees = degrees
    self.scale = scale
    self.isotropic = isotropic
    self.shear = shear
    self.translation = translation
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.3) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = AffineAugmentation()
    probability = try container.decode(.probability, or: defaults.probability)
    degrees = try container.decode(.degrees, or: defaults.degrees)
    scale = try container.decode(.scale, or: defaults.scale)
    isotropic = try container.decode(.isotropic, or: defaults.isotropic)
    shear = try container.decode(.shear, or: defaults.shear)
    translation = try container.decode(.translation, or: defaults.translation)
  }

  /// Angles from 0 to 180, of shear to 60; factors from 0.1 to 10; at most 4096 voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "affine.probability")
    try Volumes.validate(range: scale, within: 0.1...10, named: "affine.scale")
    try Volumes.validate(axes: degrees, within: 0...180, named: "affine.degrees")
    try Volumes.validate(axes: shear, within: 0...60, named: "affine.shear")
    try Volumes.validate(axes: translation, within: 0...4096, named: "affine.translation")
  }

  /// Draws the decision and thirteen numbers.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    let happens = stream.uniform() < probability
    func both(_ largest: [Float]) -> [Double] {
      largest.map { Double($0 * (2 * stream.uniform() - 1)) }
    }
    var angles = both(degrees).map { $0 * .pi / 180 }
    var factors = (0..<3).map { _ in Double(stream.uniform(in: scale)) }
    var leans = both(shear).map { sine($0 * .pi / 180) / cosine($0 * .pi / 180) }
    var moves = both(translation)
    guard happens else { return }
    if isotropic { factors = [factors[0], factors[0], factors[0]] }
    for flat in 0..<3 where transform.isFlat(flat) {
      for axis in 0..<3 where axis != flat { angles[axis] = 0 }
      (leans[flat], leans[(flat + 2) % 3]) = (0, 0)
      (factors[flat], moves[flat]) = (1, 0)
    }
    // The volume is looked up against the way that the content goes.
    var leaning = LinearMap.identity
    for axis in 0..<3 { leaning[axis][(axis + 1) % 3] = leans[axis] }
    let stretched = (0..<3).map { leaning[$0] / factors[$0] }
    transform.compose(LinearMap.product(LinearMap.rotation(angles), stretched))
    transform.translate(SIMD3(moves[0], moves[1], moves[2]))
  }
}
