/// How one voxel is stored in a file.
public enum ElementType: String, Sendable, CaseIterable, Codable {
  /// Unsigned integers.
  case uint8, uint16, uint32, uint64
  /// Signed integers.
  case int8, int16, int32, int64
  /// IEEE floating-point numbers.
  case float32, float64

  /// Bytes a voxel.
  public var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }
}

/// A number that files store, read from and written to bytes of either order.
protocol StoredNumber {
  /// The number whose bytes start at `offset`.
  static func load(_ bytes: Span<UInt8>, at offset: Int, bigEndian: Bool) -> Self
  /// The number's bits, in the low bytes.
  var storedBits: UInt64 { get }
  /// The number as Double; 64-bit integers beyond 2^53 are rounded.
  var double: Double { get }
  /// The number of this type nearest to `value`; nil where `value` lies outside the type's range.
  static func nearest(to value: Double) -> Self?
}

extension StoredNumber {
  /// Appends the number's bytes to `bytes`.
  func append(to bytes: inout [UInt8], bigEndian: Bool) {
    let size = MemoryLayout<Self>.size
    let bits = storedBits
    for index in 0..<size {
      let place = bigEndian ? size - 1 - index : index
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * place)))
    }
  }

  /// Writes the number's bytes to `bytes` from `offset` on.
  func store(to bytes: inout MutableSpan<UInt8>, at offset: Int, bigEndian: Bool) {
    let size = MemoryLayout<Self>.size
    let bits = storedBits
    for index in 0..<size {
      let place = bigEndian ? size - 1 - index : index
      bytes[offset + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * place))
    }
  }

  /// The bits of the number of `Self`'s size whose bytes start at `offset`.
  static func loadBits(_ bytes: Span<UInt8>, at offset: Int, bigEndian: Bool) -> UInt64 {
    var bits: UInt64 = 0
    let size = MemoryLayout<Self>.size
    for index in 0..<size { bits |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return bigEndian ? bits.byteSwapped >> UInt64(64 - 8 * size) : bits
  }
}

extension StoredNumber where Self: FixedWidthInteger {
  static func load(_ bytes: Span<UInt8>, at offset: Int, bigEndian: Bool) -> Self {
    Self(truncatingIfNeeded: loadBits(bytes, at: offset, bigEndian: bigEndian))
  }
  var storedBits: UInt64 { UInt64(truncatingIfNeeded: self) }
  var double: Double { Double(self) }
  static func nearest(to value: Double) -> Self? { Self(exactly: value.rounded()) }
}

extension UInt8: StoredNumber {}
extension UInt16: StoredNumber {}
extension UInt32: StoredNumber {}
extension UInt64: StoredNumber {}
extension Int8: StoredNumber {}
extension Int16: StoredNumber {}
extension Int32: StoredNumber {}
extension Int64: StoredNumber {}

extension Float: StoredNumber {
  static func load(_ bytes: Span<UInt8>, at offset: Int, bigEndian: Bool) -> Float {
    let bits = loadBits(bytes, at: offset, bigEndian: bigEndian)
    return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
  }
  var storedBits: UInt64 { UInt64(bitPattern) }
  var double: Double { Double(self) }
  static func nearest(to value: Double) -> Float? { Float(value) }
}

extension Double: StoredNumber {
  static func load(_ bytes: Span<UInt8>, at offset: Int, bigEndian: Bool) -> Double {
    Double(bitPattern: loadBits(bytes, at: offset, bigEndian: bigEndian))
  }
  var storedBits: UInt64 { bitPattern }
  var double: Double { self }
  static func nearest(to value: Double) -> Double? { value }
}

extension ElementType {
  /// The Swift type that stores a voxel of this kind.
  var number: any StoredNumber.Type {
    switch self {
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }
}
