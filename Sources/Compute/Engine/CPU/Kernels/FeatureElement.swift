internal import CDNNL

/// The bits of one element of a feature map as it is kept: float32 or bfloat16.
///
/// What vectors of them do is written out for each type: in generic code the operators of the
/// standard library become loops over lanes.
protocol FeatureElement: FixedWidthInteger, UnsignedInteger, SIMDScalar, Codable {
  /// Sixteen elements as floats.
  static func floats(_ bits: SIMD16<Self>) -> Vector
  /// The bits of sixteen floats that this type holds exactly.
  static func exactBits(_ values: Vector) -> SIMD16<Self>
  /// The bits of the nearest elements, of the even one of two equally near.
  static func nearestBits(_ values: Vector) -> SIMD16<Self>
  /// Sixteen bytes as numbers of this type.
  static func widened(_ bytes: SIMD16<UInt8>) -> SIMD16<Self>
  /// The lanes of `a`, or those of `b` where `key` is `value`; keys and values are below 256.
  static func select(
    _ a: SIMD16<Self>, _ b: SIMD16<Self>, where key: SIMD16<Self>, is value: Int
  ) -> SIMD16<Self>
}

extension UInt32: FeatureElement {
  @inline(__always)
  static func floats(_ bits: SIMD16<UInt32>) -> Vector {
    unsafe unsafeBitCast(bits, to: Vector.self)
  }

  @inline(__always)
  static func exactBits(_ values: Vector) -> SIMD16<UInt32> {
    unsafe unsafeBitCast(values, to: SIMD16<UInt32>.self)
  }

  @inline(__always)
  static func nearestBits(_ values: Vector) -> SIMD16<UInt32> { exactBits(values) }

  @inline(__always)
  static func widened(_ bytes: SIMD16<UInt8>) -> SIMD16<UInt32> {
    SIMD16<UInt32>(truncatingIfNeeded: bytes)
  }

  @inline(__always)
  static func select(
    _ a: SIMD16<UInt32>, _ b: SIMD16<UInt32>, where key: SIMD16<UInt32>, is value: Int
  ) -> SIMD16<UInt32> {
    // Comparisons of integers are loops over lanes as well: the sign of d - 1 tells whether d is 0.
    let d = key ^ SIMD16<UInt32>(repeating: UInt32(truncatingIfNeeded: value))
    let sign = unsafe unsafeBitCast(d &- SIMD16<UInt32>(repeating: 1), to: SIMD16<Int32>.self)
    let mask = unsafe unsafeBitCast(sign &>> SIMD16<Int32>(repeating: 31), to: SIMD16<UInt32>.self)
    return a ^ ((a ^ b) & mask)
  }
}

extension UInt16: FeatureElement {
  @inline(__always)
  static func floats(_ bits: SIMD16<UInt16>) -> Vector {
    unsafe unsafeBitCast(SIMD16<UInt32>(truncatingIfNeeded: bits) &<< 16, to: Vector.self)
  }

  @inline(__always)
  static func exactBits(_ values: Vector) -> SIMD16<UInt16> {
    SIMD16<UInt16>(
      truncatingIfNeeded: unsafe unsafeBitCast(values, to: SIMD16<UInt32>.self) &>> 16)
  }

  @inline(__always)
  static func nearestBits(_ values: Vector) -> SIMD16<UInt16> {
    let bits = unsafe unsafeBitCast(values, to: SIMD16<UInt32>.self)
    var rounded = unsafe unsafeBitCast(
      bits &+ ((bits &>> 16) & 1) &+ 0x7FFF, to: Vector.self)
    // What is no number stays none: a carry would make it a zero.
    rounded.replace(with: .nan, where: values .!= values)
    return exactBits(rounded)
  }

  @inline(__always)
  static func widened(_ bytes: SIMD16<UInt8>) -> SIMD16<UInt16> {
    SIMD16<UInt16>(truncatingIfNeeded: bytes)
  }

  @inline(__always)
  static func select(
    _ a: SIMD16<UInt16>, _ b: SIMD16<UInt16>, where key: SIMD16<UInt16>, is value: Int
  ) -> SIMD16<UInt16> {
    // Comparisons of integers are loops over lanes as well: the sign of d - 1 tells whether d is 0.
    let d = key ^ SIMD16<UInt16>(repeating: UInt16(truncatingIfNeeded: value))
    let sign = unsafe unsafeBitCast(d &- SIMD16<UInt16>(repeating: 1), to: SIMD16<Int16>.self)
    let mask = unsafe unsafeBitCast(sign &>> SIMD16<Int16>(repeating: 15), to: SIMD16<UInt16>.self)
    return a ^ ((a ^ b) & mask)
  }
}

extension Lowering {
  /// The layout in which our own loops read and write feature maps: sixteen channels together.
  func vectorLayout(_ shape: Shape, _ type: dnnl_data_type_t) throws -> MemoryDescriptor {
    try .channelBlocked(shape, type, block: 16)
  }

  /// A buffer that holds a feature map in that layout.
  func vectorBuffer(_ symbol: Symbol) throws -> Int {
    try buffer(symbol, as: vectorLayout(symbol.shape, activationType))
  }
}
