/// Where the voxels of a volume lie: the extents of the array axes and their way into space.
///
/// Array axes are (D, H, W), row-major, W fastest. They are NIfTI's (i, j, k) in that order, which
/// is what nibabel's `get_fdata().shape` shows: in the canonical orientation "RAS", D runs from
/// left to right, H from posterior to anterior, W from inferior to superior.
public struct Geometry: Equatable, Hashable, Sendable, Codable {
  /// The extents of the array axes (D, H, W), each at least 1.
  public let shape: [Int]
  /// The map from array indices to scanner space (mm, RAS+).
  public let affine: Affine

  /// A grid of `shape` (D, H, W) placed by `affine`.
  public init(shape: [Int], affine: Affine) {
    precondition(
      shape.count == 3 && shape.allSatisfy { $0 >= 1 }, "a geometry has three positive extents")
    self.shape = shape
    self.affine = affine
  }

  /// A grid of `shape` whose axes are right, anterior, superior, `spacing` mm apart.
  public init(shape: [Int], spacing: [Double] = [1, 1, 1]) {
    precondition(spacing.count == 3, "a spacing has three components")
    self.init(shape: shape, affine: Affine(spacing: SIMD3(spacing[0], spacing[1], spacing[2])))
  }

  /// The distances of neighboring voxel centers along the array axes (mm).
  public var spacing: [Double] { affine.spacing }

  /// The number of voxels.
  public var count: Int { shape[0] * shape[1] * shape[2] }

  /// Which way the array axes run, such as "RAS".
  public var orientation: Orientation { Orientation(of: affine) }

  /// The centers of the eight corner voxels in space (mm), the last axis fastest.
  public var corners: [SIMD3<Double>] {
    (0..<8).map { corner in
      affine(
        SIMD3(
          corner & 4 == 0 ? 0 : Double(shape[0] - 1), corner & 2 == 0 ? 0 : Double(shape[1] - 1),
          corner & 1 == 0 ? 0 : Double(shape[2] - 1)))
    }
  }

  /// The largest distance between corresponding corners of two grids of one shape (mm); nil for
  /// grids of different shapes.
  public func cornerDisagreement(with other: Geometry) -> Double? {
    guard shape == other.shape else { return nil }
    return zip(corners, other.corners).map { pair in
      let difference = pair.0 - pair.1
      return (difference * difference).sum().squareRoot()
    }.max()
  }

  /// The grid of the same field of view with another number of voxels: the outer faces of the
  /// border voxels stay where they are.
  public func resized(to newShape: [Int]) -> Geometry {
    precondition(newShape.count == 3, "a shape has three extents")
    let ratio = (0..<3).map { Double(shape[$0]) / Double(newShape[$0]) }
    let columns = (0..<3).map { affine.column($0) * ratio[$0] }
    let origin = affine(SIMD3(ratio[0] / 2 - 0.5, ratio[1] / 2 - 0.5, ratio[2] / 2 - 0.5))
    return Geometry(shape: newShape, affine: Affine(columns: columns, origin: origin))
  }

  /// The extents that `spacing` (mm) gives this field of view, rounded to nearest, at least 1.
  public func shape(atSpacing target: [Double]) -> [Int] {
    precondition(target.count == 3, "a spacing has three components")
    return zip(zip(shape, spacing), target).map { grid, target in
      let extent = (Double(grid.0) * grid.1 / target).rounded()
      // A file may claim any spacing; an extent no array can have ends in `resampled`'s own check.
      return extent >= 1 ? Int(min(extent, 0x1p40)) : 1
    }
  }
}
