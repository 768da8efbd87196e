/// A smooth field of displacements over a patch: uniform cubic B-splines on a coarse grid of control
/// points (Rueckert et al., "Nonrigid registration using free-form deformations", IEEE Transactions
/// on Medical Imaging 18, 1999, section II.B).
///
/// The grid is centered on the patch and reaches one control point beyond it on every side.
public struct DisplacementField: Sendable {
  /// The control points along (d, h, w).
  public let counts: [Int]
  /// Their distance along each axis, in voxels.
  public let spacing: [Double]
  /// The displacement of each, in voxels along the output's axes, `[counts…, 3]`.
  public private(set) var vectors: [Float]

  /// The number of control points of a patch of `size`, `spacing` voxels apart.
  public static func counts(size: [Int], spacing: [Double]) -> [Int] {
    zip(size, spacing).map { $0 == 1 ? 4 : Int((Double($0 - 1) / $1).rounded(.up)) + 3 }
  }

  /// A field over a patch of `size`, with control points `spacing` voxels apart.
  ///
  /// - Parameters:
  ///   - size: the patch's extents (d, h, w).
  ///   - spacing: the distance of control points along each axis, in voxels.
  ///   - vectors: the displacements, `[counts…, 3]`, as ``counts(size:spacing:)`` says.
  public init(size: [Int], spacing: [Double], vectors: [Float]) {
    counts = Self.counts(size: size, spacing: spacing)
    precondition(vectors.count == 3 * counts.reduce(1, *), "three numbers a control point")
    self.spacing = spacing
    self.vectors = vectors
  }

  /// The field with every vector turned by a linear map, given by its columns.
  func mapped(by columns: [SIMD3<Double>]) -> DisplacementField {
    var result = self
    for index in stride(from: 0, to: vectors.count, by: 3) {
      var turned = SIMD3<Double>.zero
      for axis in 0..<3 { turned += columns[axis] * Double(vectors[index + axis]) }
      for axis in 0..<3 { result.vectors[index + axis] = Float(turned[axis]) }
    }
    return result
  }

  /// The largest component of any vector along each axis, which no displacement exceeds.
  var bounds: SIMD3<Double> {
    var result = SIMD3<Double>.zero
    for index in vectors.indices {
      result[index % 3] = max(result[index % 3], Double(abs(vectors[index])))
    }
    return result
  }

  /// For voxel `index` of `extent` along `axis`: the first of the four control points that it
  /// depends on, and their weights.
  func weights(_ index: Int, of extent: Int, axis: Int) -> (first: Int, weights: SIMD4<Float>) {
    let last = counts[axis] - 4
    let middle = Double(counts[axis] - 3) / 2
    let place = middle + (Double(index) - Double(extent - 1) / 2) / spacing[axis]
    let first = min(max(Int(place.rounded(.down)), 0), last)
    return (first, Self.basis(Float(place - Double(first))))
  }

  /// The four cubic B-splines at `t` from 0 to 1.
  static func basis(_ t: Float) -> SIMD4<Float> {
    let s = 1 - t
    return SIMD4(
      s * s * s, 3 * t * t * t - 6 * t * t + 4, 3 * s * s * s - 6 * s * s + 4, t * t * t) / 6
  }
}
