/// Sixteen floats: one register of AVX-512, two of AVX2.
typealias Vector = SIMD16<Float>

/// exp(x) within 2 units in the last place; 0 below -87.3, +inf above 88.7.
///
/// Range reduction by ln 2 in two parts and a polynomial of degree 6: the coefficients of Cephes'
/// `expf` (Moshier). Ours, since a call into libm per voxel costs ten times as much.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let clamped = pointwiseMin(pointwiseMax(x, Vector(repeating: -88)), Vector(repeating: 89))
  let n = (clamped * 1.442_695_04).rounded(.toNearestOrEven)
  let r = clamped - n * 0.693_359_375 - n * -2.121_944_4e-4
  var p = Vector(repeating: 1.987_569_15e-4)
  p = p * r + 1.398_199_950_7e-3
  p = p * r + 8.333_451_907_3e-3
  p = p * r + 4.166_579_589_4e-2
  p = p * r + 1.666_666_545_9e-1
  p = p * r + 5.000_000_120_1e-1
  let mantissa = p * r * r + r + 1
  // 2^n in two factors, so that n = 128 and n = -127 neither overflow nor vanish too early.
  let half = SIMD16<Int32>(truncatingIfNeeded: SIMD16<Int32>(n) &>> 1)
  let rest = SIMD16<Int32>(n) &- half
  var result = mantissa * powerOfTwo(half) * powerOfTwo(rest)
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

/// The sum of all lanes in double precision, pairwise in a fixed order.
@inline(__always)
func doubleSum(_ vector: Vector) -> Double {
  let wide = SIMD8<Double>(vector.lowHalf) + SIMD8<Double>(vector.highHalf)
  return wide.sum()
}
