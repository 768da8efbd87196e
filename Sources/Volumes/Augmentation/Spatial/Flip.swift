public import CounterRandom

/// `{kind: flip}`: reverses the patch along each of some array axes, each with its own draw.
public struct Flip: SpatialAugmentation {
  /// "flip".
  public static let kind = "flip"

  /// The array axes (0 D, 1 H, 2 W) that may be reversed (all).
  public var axes: [Int]
  /// The probability of each axis (0.5).
  public var probability: Float

  /// A flip of `axes`, each with `probability`.
  public init(axes: [Int], probability: Float = 0.5) {
    self.axes = axes
    self.probability = probability
  }

  /// A flip of all axes.
  public init() { self.init(axes: [0, 1, 2]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Flip()
    axes = try container.decode(.axes, or: defaults.axes)
    probability = try container.decode(.probability, or: defaults.probability)
  }

  /// Axes are 0, 1 and 2, each at most once.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    guard axes.allSatisfy((0...2).contains), Set(axes).count == axes.count else {
      throw VolumeError(.setting, "flip.axes", "is \(axes), but axes are 0, 1 and 2, each once")
    }
    try Volumes.validate(probability: probability, named: "flip.probability")
  }

  /// Draws for each axis.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    for axis in axes where stream.uniform() < probability { transform.flip(axis) }
  }
}
