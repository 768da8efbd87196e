/// The fixed part of a NIfTI-1 or NIfTI-2 file: its bytes, and access to its fields.
///
/// The bytes are kept as they came, so that what segmpi does not interpret (units, intents,
/// descriptions, the codes of the transforms) survives a round trip. Field places are those of
/// `nifti1.h` and `nifti2.h` (NIfTI Data Format Working Group).
struct NIfTIHeader: Equatable, Sendable {
  /// 348 bytes of NIfTI-1 or 540 of NIfTI-2.
  private(set) var bytes: [UInt8]
  /// 1 or 2.
  let version: Int
  /// Whether the most significant byte comes first.
  let bigEndian: Bool

  /// The size of the header of a version.
  static func size(version: Int) -> Int { version == 1 ? 348 : 540 }

  /// The format that the first four bytes announce: version and byte order; nil for none.
  static func signature(_ bytes: [UInt8]) -> (version: Int, bigEndian: Bool)? {
    guard bytes.count >= 4 else { return nil }
    for bigEndian in [false, true] {
      let size = Int32.load(bytes.span, at: 0, bigEndian: bigEndian)
      if size == 348 { return (1, bigEndian) }
      if size == 540 { return (2, bigEndian) }
    }
    return nil
  }

  /// The header that starts `bytes`; nil unless these are enough bytes of one.
  init?(_ bytes: [UInt8]) {
    guard let (version, bigEndian) = Self.signature(bytes) else { return nil }
    let size = Self.size(version: version)
    guard bytes.count >= size else { return nil }
    self.bytes = Array(bytes[..<size])
    self.version = version
    self.bigEndian = bigEndian
  }

  /// A header with every field 0 but its size.
  init(version: Int, bigEndian: Bool = false) {
    let size = Self.size(version: version)
    bytes = [UInt8](repeating: 0, count: size)
    self.version = version
    self.bigEndian = bigEndian
    store(Int32(size), at: 0)
  }

  // MARK: Fields

  /// A numeric field: its place and type in either version.
  struct Field {
    enum Kind { case byte, int16, int32, int64, float, double }
    let first: (offset: Int, kind: Kind)
    let second: (offset: Int, kind: Kind)

    static let dim = Field(first: (40, .int16), second: (16, .int64))
    static let datatype = Field(first: (70, .int16), second: (12, .int16))
    static let bitpix = Field(first: (72, .int16), second: (14, .int16))
    static let pixdim = Field(first: (76, .float), second: (104, .double))
    static let dataOffset = Field(first: (108, .float), second: (168, .int64))
    static let slope = Field(first: (112, .float), second: (176, .double))
    static let intercept = Field(first: (116, .float), second: (184, .double))
    static let units = Field(first: (123, .byte), second: (500, .int32))
    static let maximum = Field(first: (124, .float), second: (192, .double))
    static let minimum = Field(first: (128, .float), second: (200, .double))
    static let intentCode = Field(first: (68, .int16), second: (504, .int32))
    static let qformCode = Field(first: (252, .int16), second: (344, .int32))
    static let sformCode = Field(first: (254, .int16), second: (348, .int32))
    /// b, c, d.
    static let quaternion = Field(first: (256, .float), second: (352, .double))
    /// x, y, z.
    static let qoffset = Field(first: (268, .float), second: (376, .double))
    /// Three rows of four.
    static let srow = Field(first: (280, .float), second: (400, .double))
  }

  private func place(_ field: Field, _ index: Int) -> (offset: Int, kind: Field.Kind) {
    let (offset, kind) = version == 1 ? field.first : field.second
    let size =
      switch kind {
      case .byte: 1
      case .int16: 2
      case .int32, .float: 4
      case .int64, .double: 8
      }
    return (offset + index * size, kind)
  }

  /// The value of a field, or of element `index` of a field that repeats.
  func real(_ field: Field, _ index: Int = 0) -> Double {
    let (offset, kind) = place(field, index)
    return switch kind {
    case .byte: Double(bytes[offset])
    case .int16: Double(Int16.load(bytes.span, at: offset, bigEndian: bigEndian))
    case .int32: Double(Int32.load(bytes.span, at: offset, bigEndian: bigEndian))
    case .int64: Double(Int64.load(bytes.span, at: offset, bigEndian: bigEndian))
    case .float: Double(Float.load(bytes.span, at: offset, bigEndian: bigEndian))
    case .double: Double.load(bytes.span, at: offset, bigEndian: bigEndian)
    }
  }

  /// The value of an integer field; nil where a floating-point field holds no integer.
  func integer(_ field: Field, _ index: Int = 0) -> Int? {
    let (offset, kind) = place(field, index)
    if case .int64 = kind {
      return Int(Int64.load(bytes.span, at: offset, bigEndian: bigEndian))
    }
    return Int(exactly: real(field, index))
  }

  /// Sets a field; `value` must be in its type's range.
  mutating func set(_ field: Field, _ index: Int = 0, to value: Double) {
    let (offset, kind) = place(field, index)
    switch kind {
    case .byte: bytes[offset] = UInt8(value)
    case .int16: store(Int16(value), at: offset)
    case .int32: store(Int32(value), at: offset)
    case .int64: store(Int64(value), at: offset)
    case .float: store(Float(value), at: offset)
    case .double: store(value, at: offset)
    }
  }

  private mutating func store(_ number: some StoredNumber, at offset: Int) {
    var written: [UInt8] = []
    number.append(to: &written, bigEndian: bigEndian)
    bytes.replaceSubrange(offset..<offset + written.count, with: written)
  }

  // MARK: Magic

  /// Whether voxels follow in the same file, or lie in one of their own.
  enum Arrangement: Equatable { case single, pair }

  private static let tail: [UInt8] = [0x0D, 0x0A, 0x1A, 0x0A]

  private func magic(of arrangement: Arrangement) -> [UInt8] {
    let letter = arrangement == .pair ? "i" : "+"
    return Array("n\(letter)\(version)".utf8) + [0] + (version == 2 ? Self.tail : [])
  }

  /// What the magic says; nil where it is none of NIfTI's.
  var arrangement: Arrangement? {
    let found = version == 1 ? bytes[344..<348] : bytes[4..<12]
    return [.single, .pair].first { found.elementsEqual(magic(of: $0)) }
  }

  /// Writes the magic of `arrangement`.
  mutating func mark(as arrangement: Arrangement) {
    let magic = magic(of: arrangement)
    let start = version == 1 ? 344 : 4
    bytes.replaceSubrange(start..<start + magic.count, with: magic)
  }

  /// Where voxels start in a single file without extensions.
  var singleOffset: Int { version == 1 ? 352 : 544 }
}
