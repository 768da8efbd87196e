/// The contents of a safetensors file: named tensors and metadata.
///
/// Format: 8 bytes of header length (little endian), a JSON header
/// `{"name": {"dtype", "shape", "data_offsets"}, …, "__metadata__": {string: string}}`, then the
/// tensors, row-major and little endian, without holes. Names are sorted on writing, so that equal
/// contents are equal bytes.
public struct Safetensors: Sendable, Equatable {
  /// How elements are stored.
  public enum ElementType: String, Sendable, CaseIterable {
    case float32 = "F32"
    case int64 = "I64"
    case uint8 = "U8"

    /// The size of an element in bytes.
    public var size: Int {
      switch self {
      case .float32: 4
      case .int64: 8
      case .uint8: 1
      }
    }
  }

  /// One tensor: extents outermost first, and its elements as the file has them.
  public struct Tensor: Sendable, Equatable {
    /// How elements are stored.
    public let type: ElementType
    /// The extents; none for a scalar.
    public let shape: [Int]
    /// The elements, row-major, little endian.
    public let bytes: [UInt8]

    init(type: ElementType, shape: [Int], bytes: [UInt8]) {
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// A tensor of float32.
    public init(_ values: Span<Float>, shape: [Int]) {
      precondition(values.count == shape.reduce(1, *), "the elements do not fill the shape")
      var bytes = [UInt8](repeating: 0, count: values.count * 4)
      for i in 0..<values.count {
        let bits = values[i].bitPattern
        bytes[4 * i] = UInt8(truncatingIfNeeded: bits)
        bytes[4 * i + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        bytes[4 * i + 2] = UInt8(truncatingIfNeeded: bits >> 16)
        bytes[4 * i + 3] = UInt8(truncatingIfNeeded: bits >> 24)
      }
      self.init(type: .float32, shape: shape, bytes: bytes)
    }

    /// A tensor of 64-bit integers.
    public init(_ values: [Int64], shape: [Int]) {
      precondition(values.count == shape.reduce(1, *), "the elements do not fill the shape")
      let bytes = values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      self.init(type: .int64, shape: shape, bytes: bytes)
    }

    /// A tensor of bytes.
    public init(_ values: [UInt8], shape: [Int]) {
      precondition(values.count == shape.reduce(1, *), "the elements do not fill the shape")
      self.init(type: .uint8, shape: shape, bytes: values)
    }

    /// The number of elements.
    public var count: Int { bytes.count / type.size }

    /// The elements of a float32 tensor; nil for another type.
    public var floats: [Float]? {
      guard type == .float32 else { return nil }
      var values = [Float](repeating: 0, count: count)
      for i in 0..<values.count { values[i] = float(i) }
      return values
    }

    /// The elements of a tensor of 64-bit integers; nil for another type.
    public var integers: [Int64]? {
      guard type == .int64 else { return nil }
      return (0..<count).map { i in
        (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[8 * i + $1]) << (8 * $1) }
      }
    }

    /// An element of a float32 tensor.
    func float(_ i: Int) -> Float {
      Float(
        bitPattern: UInt32(bytes[4 * i]) | UInt32(bytes[4 * i + 1]) << 8
          | UInt32(bytes[4 * i + 2]) << 16 | UInt32(bytes[4 * i + 3]) << 24)
    }
  }

  /// The tensors by name.
  public var tensors: [String: Tensor] = [:]
  /// Free text by key.
  public var metadata: [String: String] = [:]

  /// Contents to be written.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

/// Why bytes are no safetensors file, or no file of what is asked for.
public struct SafetensorsError: Error, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
