/// What starts a `.npy` file: magic, version, and a literal of Python's that names element type, order
/// and shape (NumPy Enhancement Proposal 1, versions 1 to 3).
struct NPYHeader: Equatable {
  /// How an array's numbers are stored.
  enum Element: Equatable {
    /// As one of the types that volumes have.
    case number(ElementType)
    /// As floating-point numbers of 16 bits.
    case half
  }

  var element: Element
  var bigEndian: Bool
  /// Whether the first axis is the fastest.
  var isFortran: Bool
  var shape: [Int]
  /// Where the numbers start.
  var end = 0

  /// Bytes a number.
  var size: Int {
    switch element {
    case .number(let type): type.size
    case .half: 2
    }
  }

  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// Reads the header that starts `bytes`, of what `name` calls.
  ///
  /// - Throws: ``VolumeError``.
  init(_ bytes: [UInt8], named name: String) throws {
    guard bytes.count >= 10, bytes.starts(with: Self.magic) else {
      throw VolumeError(
        .malformed, name, "is not an array of NumPy (its magic is missing); save it with numpy.save"
      )
    }
    guard (1...3).contains(bytes[6]) else {
      throw VolumeError(
        .unsupported, name, "is of the version \(bytes[6]) of .npy; save it with version 1 to 3")
    }
    let prefix = bytes[6] == 1 ? 10 : 12
    let short = VolumeError(
      .damaged, name, "ends within its header; the copy is incomplete, copy it again")
    guard bytes.count >= prefix else { throw short }
    let length = bytes[8..<prefix].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - prefix else { throw short }
    var literal = PythonLiteral(bytes[prefix..<prefix + length])
    guard let fields = literal.header() else {
      throw VolumeError(
        .malformed, name, "has a header that is no description of an array; save it with numpy.save"
      )
    }
    (element, bigEndian) = try Self.element(fields.type, name)
    isFortran = fields.isFortran
    shape = fields.shape
    end = prefix + length
  }

  private static func element(
    _ type: String, _ name: String
  ) throws -> (Element, bigEndian: Bool) {
    let order = type.first ?? "?"
    let kinds: [String: ElementType] = [
      "b1": .uint8, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
      "u2": .uint16, "u4": .uint32, "u8": .uint64, "f4": .float32, "f8": .float64,
    ]
    if ["<", ">", "|", "="].contains(order) {
      let kind = String(type.dropFirst())
      if let number = kinds[kind] { return (.number(number), order == ">") }
      if kind == "f2" { return (.half, order == ">") }
    }
    let what =
      switch type.drop(while: { "<>|=".contains($0) }).first {
      case "O": "Python objects, which are never read"
      case "c": "complex numbers"
      case "f": "floating-point numbers of extended precision"
      default: "\"\(type.prefix(40))\", not one number a voxel"
      }
    throw VolumeError(
      .unsupported, name, "holds \(what); save it as an integer or float32 (array.astype)")
  }

  /// Reads a header as it is written here.
  init(element: ElementType, shape: [Int]) {
    self.element = .number(element)
    bigEndian = false
    isFortran = false
    self.shape = shape
  }

  /// The header's bytes, padded to a multiple of 64 as NumPy pads them.
  var bytes: [UInt8] {
    let names: [ElementType: String] = [
      .uint8: "|u1", .uint16: "<u2", .uint32: "<u4", .uint64: "<u8", .int8: "|i1", .int16: "<i2",
      .int32: "<i4", .int64: "<i8", .float32: "<f4", .float64: "<f8",
    ]
    guard case .number(let type) = element, let descr = names[type] else { return [] }
    let axes = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let literal = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(axes)), }"
    let length = (10 + literal.utf8.count + 1 + 63) / 64 * 64 - 10
    let padding = String(repeating: " ", count: length - literal.utf8.count - 1)
    return Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array((literal + padding + "\n").utf8)
  }
}

/// The part of Python's literals that describes an array: a dictionary of a text, a truth value and a
/// tuple of integers, in any order. Nothing is evaluated.
struct PythonLiteral {
  private var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { rest = text }

  /// The three fields; nil where the text is not of this form.
  mutating func header() -> (type: String, isFortran: Bool, shape: [Int])? {
    var type: String?
    var isFortran: Bool?
    var shape: [Int]?
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = text(), take(":") else { return nil }
      switch key {
      case "descr" where type == nil:
        // Of a record or a sub-array it is a list: not a number.
        type = text() ?? "record"
        if type == "record" { return ("record", false, []) }
      case "fortran_order" where isFortran == nil:
        guard let value = word(), value == "True" || value == "False" else { return nil }
        isFortran = value == "True"
      case "shape" where shape == nil:
        shape = tuple()
        if shape == nil { return nil }
      default: return nil
      }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    guard rest.isEmpty, let type, let isFortran, let shape else { return nil }
    return (type, isFortran, shape)
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  /// Passes over `mark` where it comes next.
  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest.removeFirst()
    return true
  }

  /// A text between quotes.
  private mutating func text() -> String? {
    skipSpace()
    guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
  }

  /// Letters and digits.
  private mutating func word() -> String? {
    skipSpace()
    let word = rest.prefix {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
    }
    rest = rest[word.endIndex...]
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  /// Integers between parentheses; those of Python 2 may end in L.
  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var numbers: [Int] = []
    while !take(")") {
      guard var digits = word(), numbers.count < 64 else { return nil }
      if digits.hasSuffix("L") { digits.removeLast() }
      guard let number = Int(digits) else { return nil }
      numbers.append(number)
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return numbers
  }
}
