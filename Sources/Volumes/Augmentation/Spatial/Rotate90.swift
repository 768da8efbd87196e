public import CounterRandom

/// `{kind: rotate90}`: turns the array by quarters in one of some planes; no voxel is interpolated.
///
/// The turn is one of the array: where voxels are no cubes, name only planes in which they are square.
/// In a patch whose sides in the plane differ, a turn by one or three quarters shows other parts of
/// the volume.
public struct Rotate90: SpatialAugmentation {
  /// "rotate90".
  public static let kind = "rotate90"

  /// The probability that a patch is turned (0.5).
  public var probability: Float
  /// The planes, each two array axes, one of which is drawn ([[0, 1], [0, 2], [1, 2]]).
  public var planes: [[Int]]
  /// The quarters, one of which is drawn ([1, 2, 3]).
  public var turns: [Int]

  /// Turns with these choices.
  public init(
    probability: Float, planes: [[Int]] = [[0, 1], [0, 2], [1, 2]], turns: [Int] = [1, 2, 3]
  ) {
    self.probability = probability
    self.planes = planes
    self.turns = turns
  }

  /// Turns with the default choices.
  public init() { self.init(probability: 0.5) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Rotate90()
    probability = try container.decode(.probability, or: defaults.probability)
    planes = try container.decode(.planes, or: defaults.planes)
    turns = try container.decode(.turns, or: defaults.turns)
  }

  /// At least one plane of two different axes, at least one number of quarters from 0 to 3.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "rotate90.probability")
    let areSound = planes.allSatisfy { plane in
      plane.count == 2 && plane[0] != plane[1] && plane.allSatisfy((0...2).contains)
    }
    guard areSound, !planes.isEmpty else {
      throw VolumeError(
        .setting, "rotate90.planes",
        "is \(planes), but must be pairs of two different axes from 0 to 2, such as [[0, 1]]")
    }
    guard !turns.isEmpty, turns.allSatisfy((0...3).contains) else {
      throw VolumeError(
        .setting, "rotate90.turns", "is \(turns), but must be numbers of quarters from 0 to 3")
    }
  }

  /// Draws the decision, a plane and a number of quarters. A plane across a flat patch (an extent of
  /// 1) leaves it as it is.
  public func apply(to transform: inout PatchTransform, stream: inout RandomStream) {
    let happens = stream.uniform() < probability
    let plane = planes[stream.integer(below: planes.count)]
    let turn = turns[stream.integer(below: turns.count)]
    guard happens, !plane.contains(where: transform.isFlat) else { return }
    transform.rotate90(plane: plane, turns: turn)
  }
}
