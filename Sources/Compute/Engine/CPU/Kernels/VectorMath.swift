/// Sixteen floats: one register of AVX-512, two of AVX2.
///
/// Only operators, masks and bit casts are used on vectors here: the generic conversions and
/// `pointwiseMax` of the standard library become loops over lanes.
typealias Vector = SIMD16<Float>

/// The larger of each pair of lanes.
@inline(__always)
func larger(_ a: Vector, _ b: Vector) -> Vector { a.replacing(with: b, where: b .> a) }

/// exp(x) within 2 units in the last place; 0 below -87.3, +inf above 88.7.
///
/// Range reduction by ln 2 in two parts and a polynomial of degree 6: the coefficients of Cephes'
/// `expf` (Moshier). Ours, since a call into libm per voxel costs ten times as much.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  var clamped = x.replacing(with: -88, where: x .< -88)
  clamped.replace(with: 89, where: x .> 89)
  // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the lowest bits.
  let shifted = clamped * 1.442_695_04 + 12_582_912
  let whole = unsafe unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- 0x4B40_0000
  let n = shifted - 12_582_912
  let r = clamped - n * 0.693_359_375 - n * -2.121_944_4e-4
  var p = Vector(repeating: 1.987_569_15e-4)
  p = p * r + 1.398_199_950_7e-3
  p = p * r + 8.333_451_907_3e-3
  p = p * r + 4.166_579_589_4e-2
  p = p * r + 1.666_666_545_9e-1
  p = p * r + 5.000_000_120_1e-1
  let mantissa = p * r * r + r + 1
  // 2^n in two factors, so that n = 128 and n = -127 neither overflow nor vanish too early.
  let half = whole &>> 1
  var result = mantissa * powerOfTwo(half) * powerOfTwo(whole &- half)
  result.replace(with: 0, where: x .< -87.336_54)
  result.replace(with: .infinity, where: x .> 88.722_83)
  result.replace(with: x, where: x .!= x)
  return result
}

/// 2^n for n in -126...127.
@inline(__always)
private func powerOfTwo(_ n: SIMD16<Int32>) -> Vector {
  unsafe unsafeBitCast((n &+ 127) &<< 23, to: Vector.self)
}

/// ln(x) within 2 units in the last place, for normal positive x.
///
/// x = m · 2^e with m in [√½, √2), and a polynomial of degree 9 in m - 1: the coefficients of
/// Cephes' `logf` (Moshier).
@inline(__always)
func logarithm(_ x: Vector) -> Vector {
  let bits = unsafe unsafeBitCast(x, to: SIMD16<Int32>.self)
  // The mantissa as a number in [½, 1).
  var m = unsafe unsafeBitCast((bits & 0x007F_FFFF) | 0x3F00_0000, to: Vector.self)
  // The exponent as a float: its bits under those of 2²³, less 2²³.
  let biased = (bits &>> 23) & 0xFF | 0x4B00_0000
  var e = unsafe unsafeBitCast(biased, to: Vector.self) - 8_388_734
  let isSmall = m .< 0.707_106_781
  e.replace(with: e - 1, where: isSmall)
  m = m.replacing(with: m + m, where: isSmall) - 1
  let z = m * m
  var p = Vector(repeating: 7.037_683_629_2e-2)
  p = p * m - 1.151_461_031_0e-1
  p = p * m + 1.167_699_874_0e-1
  p = p * m - 1.242_014_084_6e-1
  p = p * m + 1.424_932_278_7e-1
  p = p * m - 1.666_805_766_5e-1
  p = p * m + 2.000_071_476_5e-1
  p = p * m - 2.499_999_399_3e-1
  p = p * m + 3.333_333_117_4e-1
  let tail = p * m * z - e * 2.121_944_4e-4 - z * 0.5
  return m + tail + e * 0.693_359_375
}

/// Sixteen elements from `pointer`, or the first `count` of them followed by `fill`.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>, count: Int, fill: Float = 0) -> Vector {
  if count >= 16 {
    return unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }
  var vector = Vector(repeating: fill)
  for lane in 0..<count { unsafe vector[lane] = pointer[lane] }
  return vector
}

/// Sixteen labels from `pointer`, or the first `count` of them followed by 255.
@inline(__always)
func load(labels pointer: UnsafePointer<UInt8>, count: Int) -> SIMD16<Int32> {
  var vector = SIMD16<UInt8>(repeating: 255)
  if count >= 16 {
    vector = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<UInt8>.self)
  } else {
    for lane in 0..<count { unsafe vector[lane] = pointer[lane] }
  }
  return SIMD16<Int32>(truncatingIfNeeded: vector)
}

/// Writes the first `count` elements of `vector`, at most sixteen.
@inline(__always)
func store(_ vector: Vector, to pointer: UnsafeMutablePointer<Float>, count: Int) {
  if count >= 16 {
    unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  } else {
    for lane in 0..<count { unsafe pointer[lane] = vector[lane] }
  }
}

/// Sums of vectors in double precision, eight side by side, added up in a fixed order at the end.
struct DoubleSums {
  private var sums = SIMD8<Double>()

  @inline(__always)
  mutating func add(_ v: Vector) {
    sums += SIMD8(
      Double(v[0]), Double(v[1]), Double(v[2]), Double(v[3]), Double(v[4]), Double(v[5]),
      Double(v[6]), Double(v[7]))
    sums += SIMD8(
      Double(v[8]), Double(v[9]), Double(v[10]), Double(v[11]), Double(v[12]), Double(v[13]),
      Double(v[14]), Double(v[15]))
  }

  /// The sum of all.
  var total: Double { sums.sum() }
}
