internal import CDNNL

/// The bits of one element of a feature map as it is kept: float32 or bfloat16.
protocol FeatureElement: FixedWidthInteger, UnsignedInteger, SIMDScalar, Codable {
  /// Sixteen elements as floats.
  static func floats(_ bits: SIMD16<Self>) -> Vector
  /// The bits of sixteen floats that this type holds exactly.
  static func exactBits(_ values: Vector) -> SIMD16<Self>
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
