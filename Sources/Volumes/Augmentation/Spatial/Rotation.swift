public import CounterRandom

/// `{kind: rotation}`: turns the patch by one angle, in a plane of two array axes drawn at random, or
/// about an axis that points anywhere.
///
/// With `degrees: [0, 360]` and `about: axes` this is the rotation in a random plane of Kayalibay,
/// Jensen and van der Smagt, "CNN-based segmentation of medical imaging data" (2017).
public struct Rotation: SpatialAugmentation {
  /// "rotation".
  public static let kind = "rotation"

  /// What a patch is turned about.
  public enum Axis: String, Codable, Sendable, CaseIterable {
    /// One of the array axes, drawn evenly.
    case axes
    /// A direction drawn evenly from the sphere.
    case any
  }

  /// The probability that a patch is turned (0.3).
  public var probability: Float
  /// What it is turned about (`axes`).
  public var about: Axis
  /// The least and the largest angle in degrees, the sign being drawn too ([0, 15]).
  public var degrees: [Float]

  /// Turns with these choices.
  public init(probability: Float, about: Axis = .axes, degrees: [Float] = [0, 15]) {
    self.probability = probability
    self.about = about
    self.degrees = degrees
  }

  /// Turns with the default choices.
  public init() { self.init(probability: 0.3) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Rotation()
    probability = try container.decode(.probability, or: defaults.probability)
    about = try container.decode(.about, or: defaults.about)
    degrees = try container.decode(.degrees, or: defaults.degrees)
  }

  /// Angles from 0 to 360.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "rotation.probability")
    try Volumes.validate(range: degrees, within: 0...360, named: "rotation.degrees")
  }

  /// Draws the decision, an axis, a direction, an angle and its sign. In a flat patch (an extent of 1)
  /// the turn is about the flat axis.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    let happens = stream.uniform() < probability
    let drawn = stream.integer(below: 3)
    let direction = stream.direction()
    let size = Double(stream.uniform(in: degrees)) * .pi / 180
    let angle = stream.uniform() < 0.5 ? -size : size
    guard happens else { return }
    let flat = (0..<3).filter(transform.isFlat)
    guard flat.count < 2 else { return }
    let isFree = about == .any && flat.isEmpty
    let axis = isFree ? direction : LinearMap.identity[flat.first ?? drawn]
    transform.compose(LinearMap.rotation(about: axis, by: angle))
  }
}
