public import CounterRandom

/// `{kind: rotateScale}`: turns the patch by small angles about its center and changes its size.
///
/// Image and labels are taken from the volume in one interpolation (linear, nearest), so corners
/// hold what is there. The turn is one of space in millimeters. In a flat patch (an extent of 1) it
/// stays in the plane.
public struct RotateScale: SpatialAugmentation {
  /// "rotateScale".
  public static let kind = "rotateScale"

  /// The probability that a patch is changed at all (0.3).
  public var probability: Float
  /// The largest angle about each array axis, both ways, in degrees ([15, 15, 15]).
  public var degrees: [Float]
  /// The least and the largest factor of size; above 1, structures grow ([0.85, 1.25]).
  public var scale: [Float]

  /// A change with these ranges.
  public init(probability: Float, degrees: [Float] = [15, 15, 15], scale: [Float] = [0.85, 1.25]) {
    self.probability = probability
    self.degrees = degrees
    self.scale = scale
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.3) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = RotateScale()
    probability = try container.decode(.probability, or: defaults.probability)
    degrees = try container.decode(.degrees, or: defaults.degrees)
    scale = try container.decode(.scale, or: defaults.scale)
  }

  /// Three angles from 0 to 180, factors from 0.1 to 10.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "rotateScale.probability")
    guard degrees.count == 3, degrees.allSatisfy({ (0...180).contains($0) }) else {
      throw VolumeError(
        .setting, "rotateScale.degrees",
        "is \(degrees), but must be three angles from 0 to 180, one about each axis")
    }
    try Volumes.validate(range: scale, within: 0.1...10, named: "rotateScale.scale")
  }

  /// Draws the decision, three angles and a factor; always five numbers.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    let happens = stream.uniform() < probability
    var angles = degrees.map { Double($0 * (2 * stream.uniform() - 1)) * .pi / 180 }
    let factor = Double(stream.uniform(in: scale))
    guard happens else { return }
    for flat in 0..<3 where transform.size[flat] == 1 {
      for axis in 0..<3 where axis != flat { angles[axis] = 0 }
    }
    // The volume is looked up against the way that the content goes.
    transform.compose(
      LinearMap.rotation(angles).enumerated().map { axis, column in
        transform.size[axis] == 1 ? column : column / factor
      })
  }
}
