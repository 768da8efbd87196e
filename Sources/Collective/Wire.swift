/// A plain number that travels between ranks: fixed size, no padding, every bit pattern valid.
///
/// All ranks run the same binary on machines of the same byte order.
public protocol Wire: BitwiseCopyable, Comparable, AdditiveArithmetic, Sendable {
  /// The type's name at run time.
  static var wireType: WireType { get }
}

/// The element types that ranks can reduce.
public enum WireType: Sendable, CaseIterable {
  /// 32-bit floating point.
  case float32
  /// 64-bit floating point.
  case float64
  /// 32-bit signed integer.
  case int32
  /// 64-bit signed integer.
  case int64
  /// Byte.
  case uint8
  /// 32-bit unsigned integer.
  case uint32
  /// 64-bit unsigned integer.
  case uint64

  /// The Swift type.
  var type: any Wire.Type {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8: UInt8.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    }
  }

  /// The size of one element, in bytes.
  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }
}

/// How the contributions of the ranks become one value.
public enum Reduction: Sendable, CaseIterable {
  /// The sum; integers must not overflow.
  case sum
  /// The least value.
  case minimum
  /// The greatest value.
  case maximum

  /// `accumulator = accumulator (op) contribution`, element by element.
  ///
  /// The reduction of the communicators that have no library beneath them.
  func combine(
    _ accumulator: inout MutableRawSpan, with contribution: RawSpan, of type: WireType
  ) {
    precondition(accumulator.byteCount == contribution.byteCount, "contributions differ in length")
    func combine<Element: Wire>(_: Element.Type) {
      for offset in stride(
        from: 0, to: contribution.byteCount, by: MemoryLayout<Element>.stride)
      {
        // Safe: a Wire type takes every bit pattern, and the span checks its bounds.
        let a = unsafe accumulator.unsafeLoadUnaligned(
          fromByteOffset: offset, as: Element.self)
        let b = unsafe contribution.unsafeLoadUnaligned(
          fromByteOffset: offset, as: Element.self)
        let value =
          switch self {
          case .sum: a + b
          case .minimum: min(a, b)
          case .maximum: max(a, b)
          }
        accumulator.storeBytes(of: value, toByteOffset: offset, as: Element.self)
      }
    }
    combine(type.type)
  }
}

extension Float: Wire {
  /// ``WireType/float32``.
  public static var wireType: WireType { .float32 }
}

extension Double: Wire {
  /// ``WireType/float64``.
  public static var wireType: WireType { .float64 }
}

extension Int32: Wire {
  /// ``WireType/int32``.
  public static var wireType: WireType { .int32 }
}

extension Int64: Wire {
  /// ``WireType/int64``.
  public static var wireType: WireType { .int64 }
}

extension Int: Wire {
  /// ``WireType/int64``: the package is for 64-bit machines.
  public static var wireType: WireType { .int64 }
}

extension UInt8: Wire {
  /// ``WireType/uint8``.
  public static var wireType: WireType { .uint8 }
}

extension UInt32: Wire {
  /// ``WireType/uint32``.
  public static var wireType: WireType { .uint32 }
}

extension UInt64: Wire {
  /// ``WireType/uint64``.
  public static var wireType: WireType { .uint64 }
}
