public import CounterRandom

/// `{kind: motionBlur}`: the mean over a straight movement during the scan, in any direction.
///
/// The mean is one of equally spaced places along the path, at most half a voxel apart, each
/// interpolated linearly; beyond the patch lie copies of its border.
public struct MotionBlur: IntensityAugmentation {
  /// "motionBlur".
  public static let kind = "motionBlur"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest length of the path, in voxels ([0, 5]).
  public var length: [Float]
  /// The array axes along which there is movement ([0, 1, 2]).
  public var axes: [Int]

  /// A change with these ranges.
  public init(probability: Float, length: [Float] = [0, 5], axes: [Int] = [0, 1, 2]) {
    self.probability = probability
    self.length = length
    self.axes = axes
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = MotionBlur()
    probability = try container.decode(.probability, or: defaults.probability)
    length = try container.decode(.length, or: defaults.length)
    axes = try container.decode(.axes, or: defaults.axes)
  }

  /// Lengths from 0 to 64 voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "motionBlur.probability")
    try Volumes.validate(range: length, within: 0...64, named: "motionBlur.length")
    try Volumes.validate(phaseAxes: axes, named: "motionBlur.axes")
  }

  /// Draws a length and a direction, and smears.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let length = Double(stream.uniform(in: self.length))
      var path = stream.direction()
      for axis in 0..<3 where grid.size[axis] == 1 || !axes.contains(axis) { path[axis] = 0 }
      let norm = (path * path).sum().squareRoot()
      guard norm > 0, length > 0 else { return }
      Self.smear(along: path * (length / norm)).apply(to: &patch, range, size: grid.size)
    }
  }

  /// The blur of a movement by `path`, in voxels.
  static func smear(along path: SIMD3<Double>) -> SparseKernel {
    let half = Int((path * path).sum().squareRoot().rounded(.up))
    guard half > 0 else { return SparseKernel([.init(offset: .zero, weight: 1)]) }
    var taps: [SparseKernel.Tap] = []
    for step in -half...half {
      let place = path * (Double(step) / Double(2 * half))
      let first = SIMD3(below(place.x), below(place.y), below(place.z))
      for corner in 0..<8 {
        let upper = SIMD3(corner >> 2, corner >> 1 & 1, corner & 1)
        var weight = 1.0 / Double(2 * half + 1)
        for axis in 0..<3 {
          let fraction = place[axis] - Double(first[axis])
          weight *= upper[axis] == 1 ? fraction : 1 - fraction
        }
        taps.append(.init(offset: first &+ upper, weight: Float(weight)))
      }
    }
    return SparseKernel(taps)
  }
}
