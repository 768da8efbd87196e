/// The shape of one patient's proximal femur, as signed distances in millimeters.
///
/// The frame is the femur's own: the shaft runs up the third axis and ends at the origin, the head
/// lies toward negative first coordinates. Sizes are those of adults, roughly.
struct FemurAnatomy {
  /// Where the middle of all this lies: the point to put into the middle of a picture.
  static let middle = SIMD3<Double>(-22, 3, 8)
  /// The extents that hold all of it but the lower shaft, in any pose that is drawn.
  static let extents = SIMD3<Double>(104, 80, 118)

  var headCenter: SIMD3<Double>
  var headRadius: Double
  var neckRadius: Double
  var shaftRadius: Double
  var trochanterRadius: Double
  /// The thickness of the bone's dark outer layer (mm).
  var cortex: Double

  /// Distances at a point: to the head, to the rest of the femur; negative inside.
  func distances(_ point: SIMD3<Double>) -> (head: Double, femur: Double) {
    let head = Self.length(point - headCenter) - headRadius
    let neck = Self.distance(point, from: .zero, to: headCenter) - neckRadius
    // The shaft widens toward the trochanters.
    let along = min(max((point.z + 90) / 90, 0), 1)
    let shaft =
      Self.distance(point, from: SIMD3(0, 0, -200), to: SIMD3(0, 0, -4))
      - shaftRadius * (1 + 0.25 * along * along)
    let greater = Self.length(point - SIMD3(5, -4, 6)) - trochanterRadius
    let lesser = Self.length(point - SIMD3(-11, -9, -32)) - 0.55 * trochanterRadius
    return (head, min(min(neck, shaft), min(greater, lesser)))
  }

  /// The socket: a shell around the upper inner half of the head, a joint's gap away.
  func socketDistance(_ point: SIMD3<Double>, headDistance: Double) -> Double {
    let shell = abs(headDistance - 9) - 5
    let inward = ((point - headCenter) * SIMD3(-0.6, 0, 0.8)).sum()
    return max(shell, -inward)
  }

  private static func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

  /// The distance of `point` from the segment from `a` to `b`.
  private static func distance(
    _ point: SIMD3<Double>, from a: SIMD3<Double>, to b: SIMD3<Double>
  ) -> Double {
    let (edge, offset) = (b - a, point - a)
    let along = min(max((offset * edge).sum() / (edge * edge).sum(), 0), 1)
    return length(offset - edge * along)
  }
}
