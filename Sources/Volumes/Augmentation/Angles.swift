#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The cosine of an angle in radians.
func cosine(_ angle: Double) -> Double { cos(angle) }

/// The sine of an angle in radians.
func sine(_ angle: Double) -> Double { sin(angle) }

/// exp(-x²/2).
func gaussian(_ x: Double) -> Double { exp(-0.5 * x * x) }

/// Linear maps of space, given by their columns.
enum LinearMap {
  static let identity = [SIMD3(1.0, 0, 0), SIMD3(0, 1.0, 0), SIMD3(0, 0, 1.0)]

  /// The turn about array axis 0, then 1, then 2, by `angles` (radians).
  static func rotation(_ angles: [Double]) -> [SIMD3<Double>] {
    var columns = identity
    for axis in 0..<3 {
      let (u, v) = ((axis + 1) % 3, (axis + 2) % 3)
      let (c, s) = (cosine(angles[axis]), sine(angles[axis]))
      for column in 0..<3 {
        let (a, b) = (columns[column][u], columns[column][v])
        columns[column][u] = c * a - s * b
        columns[column][v] = s * a + c * b
      }
    }
    return columns
  }

  /// The turn by `angle` (radians) about `axis`, of length 1 (Rodrigues' formula).
  static func rotation(about axis: SIMD3<Double>, by angle: Double) -> [SIMD3<Double>] {
    let (c, s) = (cosine(angle), sine(angle))
    return (0..<3).map { column in
      let unit = identity[column]
      let cross = SIMD3(
        axis.y * unit.z - axis.z * unit.y, axis.z * unit.x - axis.x * unit.z,
        axis.x * unit.y - axis.y * unit.x)
      return unit * c + cross * s + axis * (axis[column] * (1 - c))
    }
  }

  /// The map that `second` followed by `first` makes: first(second(x)).
  static func product(_ first: [SIMD3<Double>], _ second: [SIMD3<Double>]) -> [SIMD3<Double>] {
    second.map { first[0] * $0[0] + first[1] * $0[1] + first[2] * $0[2] }
  }
}
