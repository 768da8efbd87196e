/// Eight floats: two registers of the instruction set that every x86-64 processor has, so that
/// results do not depend on the processor.
///
/// Only operators and bit casts are used on vectors here: the standard library's conversions and
/// comparisons become loops over lanes.
typealias Lanes = SIMD8<Float>

/// The numbers of the lanes.
let laneNumbers = Lanes(0, 1, 2, 3, 4, 5, 6, 7)

/// -1 in the lanes where a is less than b, else 0; both finite, or infinities that differ.
///
/// By the sign of the difference: without the instructions of newer processors, comparing eight lanes
/// packs and unpacks its result.
@inline(__always)
func isLess(_ a: Lanes, _ b: Lanes) -> SIMD8<Int32> {
  // Adding 0 makes a zero positive.
  unsafe unsafeBitCast(a - b + 0, to: SIMD8<Int32>.self) &>> 31
}

/// The lanes of `a` where `mask` is -1, those of `b` where it is 0.
@inline(__always)
func choose(_ mask: SIMD8<Int32>, _ a: Lanes, _ b: Lanes) -> Lanes {
  let (first, second) = unsafe (
    unsafeBitCast(a, to: SIMD8<Int32>.self), unsafeBitCast(b, to: SIMD8<Int32>.self)
  )
  return unsafe unsafeBitCast((first & mask) | (second & ~mask), to: Lanes.self)
}

/// The largest whole number not above `x`, and the same as an integer; for |x| < 2²².
@inline(__always)
func floor(_ x: Lanes) -> (Lanes, SIMD8<Int32>) {
  // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the lowest bits.
  let shifted = x + 12_582_912
  let rounded = shifted - 12_582_912
  let whole = unsafe unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
  let isAbove = isLess(x, rounded)
  let one = unsafe unsafeBitCast(SIMD8<Int32>(repeating: 0x3F80_0000) & isAbove, to: Lanes.self)
  return (rounded - one, whole &+ isAbove)
}

/// exp(x) within 2 units in the last place, for |x| < 87; beyond, the value at the end.
///
/// Range reduction by ln 2 in two parts and a polynomial of degree 6: the coefficients of Cephes'
/// `expf` (Moshier).
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  let (least, largest) = (Lanes(repeating: -87), Lanes(repeating: 87))
  let clamped = choose(isLess(x, least), least, choose(isLess(largest, x), largest, x))
  let shifted = clamped * 1.442_695_04 + 12_582_912
  let whole = unsafe unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
  let n = shifted - 12_582_912
  let r = clamped - n * 0.693_359_375 - n * -2.121_944_4e-4
  var p = Lanes(repeating: 1.987_569_15e-4)
  p = p * r + 1.398_199_950_7e-3
  p = p * r + 8.333_451_907_3e-3
  p = p * r + 4.166_579_589_4e-2
  p = p * r + 1.666_666_545_9e-1
  p = p * r + 5.000_000_120_1e-1
  let mantissa = p * r * r + r + 1
  let power = unsafe unsafeBitCast((whole &+ 127) &<< 23, to: Lanes.self)
  return mantissa * power
}

/// ln(x) within 2 units in the last place, for normal positive x.
///
/// x = m · 2^e with m in [√½, √2), and a polynomial of degree 9 in m - 1: the coefficients of
/// Cephes' `logf` (Moshier).
@inline(__always)
func logarithm(_ x: Lanes) -> Lanes {
  let bits = unsafe unsafeBitCast(x, to: SIMD8<Int32>.self)
  // Counted from √½, the exponent is that of a mantissa in [√½, √2).
  let exponent = (bits &- 0x3F35_04F3) &>> 23
  let m = unsafe unsafeBitCast(bits &- (exponent &<< 23), to: Lanes.self) - 1
  // As a float: the whole number in the lowest bits of 1.5 · 2²³, less that.
  let e = unsafe unsafeBitCast(exponent &+ 0x4B40_0000, to: Lanes.self) - 12_582_912
  let z = m * m
  var p = Lanes(repeating: 7.037_683_629_2e-2)
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

/// x^exponent for x from 0 to 1; 0 where x is not a positive normal number.
@inline(__always)
func power(_ x: Lanes, _ exponent: Float) -> Lanes {
  let isZero = isLess(x, Lanes(repeating: 1.2e-38))
  let logarithms = logarithm(choose(isZero, Lanes(repeating: 1), x)) * exponent
  return choose(isZero, .zero, exponential(logarithms))
}

/// The sine and the cosine of `turns` whole turns, for `turns` from 0 to 4, within 1e-7.
///
/// Reduced to an eighth of a turn either way; polynomials of Cephes' `sinf` and `cosf` (Moshier).
@inline(__always)
func sineAndCosine(turns: Lanes) -> (Lanes, Lanes) {
  let quarters = turns * 4
  let shifted = quarters + 12_582_912
  let quadrant = unsafe unsafeBitCast(shifted, to: SIMD8<Int32>.self)
  let r = (quarters - (shifted - 12_582_912)) * (Float.pi / 2)
  let z = r * r
  var s = Lanes(repeating: -1.951_529_589_1e-4)
  s = s * z + 8.332_160_873_6e-3
  s = s * z - 1.666_665_461_1e-1
  s = s * z * r + r
  var c = Lanes(repeating: 2.443_315_711_809_948e-5)
  c = c * z - 1.388_731_625_493_765e-3
  c = c * z + 4.166_664_568_298_827e-2
  c = c * z * z - z * 0.5 + 1
  // All bits where the two change places: in odd quadrants.
  let swaps = SIMD8<Int32>.zero &- (quadrant & 1)
  let sineBits = unsafe unsafeBitCast(s, to: SIMD8<Int32>.self)
  let cosineBits = unsafe unsafeBitCast(c, to: SIMD8<Int32>.self)
  let difference = (sineBits ^ cosineBits) & swaps
  // Quadrants 2 and 3 turn the sine's sign, 1 and 2 the cosine's.
  let sine = sineBits ^ difference ^ ((quadrant & 2) &<< 30)
  let cosine = cosineBits ^ difference ^ (((quadrant &+ 1) & 2) &<< 30)
  return unsafe (
    unsafeBitCast(sine, to: Lanes.self), unsafeBitCast(cosine, to: Lanes.self)
  )
}

/// The square root of non-negative lanes below 10³⁸, within 3 units in the last place.
///
/// Newton's iteration for 1/√x from a guess by halving the exponent; the standard library's takes the
/// lanes one by one.
@inline(__always)
func squareRoot(_ x: Lanes) -> Lanes {
  let bits = unsafe unsafeBitCast(x, to: SIMD8<Int32>.self)
  var y = unsafe unsafeBitCast(0x5F37_59DF &- (bits &>> 1), to: Lanes.self)
  let half = x * 0.5
  y = y * (1.5 - half * y * y)
  y = y * (1.5 - half * y * y)
  y = y * (1.5 - half * y * y)
  return x * y
}
