/// An exact change of a grid's axes: a permutation and reversals, no interpolation.
public struct Reorientation: Equatable, Sendable {
  /// Output axis `a` is input axis `permutation[a]`.
  public let permutation: [Int]
  /// Whether output axis `a` runs against the input axis it is.
  public let flips: [Bool]

  /// The change that takes arrays of orientation `source` to orientation `target`.
  public init(from source: Orientation, to target: Orientation) {
    permutation = target.axes.map { axis in source.axes.firstIndex(of: axis) ?? 0 }
    let from = permutation
    flips = (0..<3).map { target.positive[$0] != source.positive[from[$0]] }
  }

  private init(permutation: [Int], flips: [Bool]) {
    self.permutation = permutation
    self.flips = flips
  }

  /// The change that undoes this one.
  public var inverse: Reorientation {
    var back = [0, 0, 0]
    var backFlips = [false, false, false]
    for axis in 0..<3 {
      back[permutation[axis]] = axis
      backFlips[permutation[axis]] = flips[axis]
    }
    return Reorientation(permutation: back, flips: backFlips)
  }

  /// Whether nothing changes.
  public var isIdentity: Bool { permutation == [0, 1, 2] && !flips.contains(true) }

  /// The grid with its axes changed; every voxel stays where it is in space.
  public func callAsFunction(_ geometry: Geometry) -> Geometry {
    if isIdentity { return geometry }
    var first = SIMD3<Double>.zero
    var columns: [SIMD3<Double>] = []
    for axis in 0..<3 {
      let from = permutation[axis]
      let column = geometry.affine.column(from)
      columns.append(flips[axis] ? -column : column)
      if flips[axis] { first[from] = Double(geometry.shape[from] - 1) }
    }
    return Geometry(
      shape: permutation.map { geometry.shape[$0] },
      affine: Affine(columns: columns, origin: geometry.affine(first)))
  }

  /// The voxels `[C, D, H, W]` of a grid of `shape` (D, H, W), in the order of the changed axes.
  public func callAsFunction<Voxel>(_ voxels: [Voxel], shape: [Int], channels: Int = 1) -> [Voxel] {
    let plane = shape[0] * shape[1] * shape[2]
    precondition(voxels.count == channels * plane, "the voxels do not fill the grid")
    if isIdentity { return voxels }
    let strides = [shape[1] * shape[2], shape[2], 1]
    let extents = permutation.map { shape[$0] }
    let steps = (0..<3).map { (flips[$0] ? -1 : 1) * strides[permutation[$0]] }
    var start = 0
    for axis in 0..<3 where flips[axis] { start -= steps[axis] * (extents[axis] - 1) }
    let input = voxels.span
    return [Voxel](capacity: voxels.count) { output in
      for channel in 0..<channels {
        for d in 0..<extents[0] {
          for h in 0..<extents[1] {
            var from = channel * plane + start + d * steps[0] + h * steps[1]
            for _ in 0..<extents[2] {
              output.append(input[from])
              from += steps[2]
            }
          }
        }
      }
    }
  }
}
