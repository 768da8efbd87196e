/// An affine map from voxel indices to millimeters in scanner space.
///
/// Indices are those of the array axes in order; space is NIfTI's: +x right, +y anterior,
/// +z superior ("RAS+"). Voxel centers lie on whole indices.
public struct Affine: Equatable, Hashable, Sendable, Codable {
  /// The three upper rows of the 4x4 matrix; the fourth is (0, 0, 0, 1).
  public var rows: [SIMD4<Double>]

  /// The map with the given upper rows.
  public init(rows: [SIMD4<Double>]) {
    precondition(rows.count == 3, "an affine map has three rows")
    self.rows = rows
  }

  /// The map whose linear part has the given columns, and that takes index (0, 0, 0) to `origin`.
  public init(columns: [SIMD3<Double>], origin: SIMD3<Double>) {
    precondition(columns.count == 3, "an affine map has three columns")
    rows = (0..<3).map { row in
      SIMD4(columns[0][row], columns[1][row], columns[2][row], origin[row])
    }
  }

  /// Scales the axes by `spacing` (mm) and takes index (0, 0, 0) to `origin`.
  public init(spacing: SIMD3<Double>, origin: SIMD3<Double> = .zero) {
    self.init(
      columns: [
        SIMD3(spacing.x, 0, 0), SIMD3(0, spacing.y, 0), SIMD3(0, 0, spacing.z),
      ], origin: origin)
  }

  /// Where index (0, 0, 0) lies (mm).
  public var origin: SIMD3<Double> { SIMD3(rows[0].w, rows[1].w, rows[2].w) }

  /// The step in space of one voxel along array axis `axis` (mm).
  public func column(_ axis: Int) -> SIMD3<Double> {
    SIMD3(rows[0][axis], rows[1][axis], rows[2][axis])
  }

  /// The three columns of the linear part (mm).
  public var columns: [SIMD3<Double>] { (0..<3).map(column) }

  /// The length of a voxel's edges along the array axes (mm).
  public var spacing: [Double] {
    columns.map { ($0 * $0).sum().squareRoot() }
  }

  /// The volume of the parallelepiped of one voxel, negative for left-handed axes (mm³).
  public var determinant: Double {
    let (a, b, c) = (column(0), column(1), column(2))
    return (cross(a, b) * c).sum()
  }

  /// Whether every entry is finite and no axis is a combination of the others.
  public var isInvertible: Bool {
    guard rows.allSatisfy({ row in (0..<4).allSatisfy { row[$0].isFinite } }) else { return false }
    let product = spacing.reduce(1, *)
    return product > 0 && product.isFinite && abs(determinant) > 1e-6 * product
  }

  /// Where the point `index` (in voxels, fractions allowed) lies in space (mm).
  public func callAsFunction(_ index: SIMD3<Double>) -> SIMD3<Double> {
    let homogeneous = SIMD4(index, 1)
    return SIMD3(
      (rows[0] * homogeneous).sum(), (rows[1] * homogeneous).sum(), (rows[2] * homogeneous).sum())
  }

  /// The map after moving index (0, 0, 0) to what is now `index`.
  public func shifted(to index: SIMD3<Double>) -> Affine {
    Affine(columns: columns, origin: self(index))
  }
}

/// The cross product.
func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
