extension Safetensors {
  /// The longest header that is read, as in the reference implementation.
  static let maximumHeaderLength = 100_000_000

  /// The contents of a whole file.
  ///
  /// Strict: the header must be the JSON described in ``Safetensors`` and nothing else, names must
  /// not repeat, and tensors must fill the rest of the file without holes or overlaps. No size that
  /// a file states is trusted before it is compared with the file's own.
  ///
  /// - Throws: ``SafetensorsError`` with what is wrong.
  public init(reading file: [UInt8]) throws {
    guard file.count >= 8 else {
      throw SafetensorsError("the file has \(file.count) bytes, too few for a safetensors header")
    }
    let stated = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[$1]) << (8 * UInt64($1)) }
    guard stated <= UInt64(min(Self.maximumHeaderLength, file.count - 8)) else {
      throw SafetensorsError(
        "the file states a header of \(stated) bytes but has \(file.count) in all; it is damaged, "
          + "incomplete, or no safetensors file")
    }
    let start = 8 + Int(stated)
    var parser = SafetensorsHeaderParser(file[8..<start])
    let header = try parser.parse()
    metadata = header.metadata
    var position = 0
    for entry in header.entries.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard entry.range.lowerBound == position else {
        throw SafetensorsError(
          "tensor '\(entry.name)' starts at byte \(entry.range.lowerBound) of the data, which must "
            + "be \(position): tensors may neither overlap nor leave holes")
      }
      guard entry.range.upperBound <= file.count - start else {
        throw SafetensorsError(
          "tensor '\(entry.name)' ends at byte \(entry.range.upperBound) of the data but the file "
            + "has \(file.count - start); it is incomplete")
      }
      position = entry.range.upperBound
      tensors[entry.name] = Tensor(
        type: entry.type, shape: entry.shape,
        bytes: Array(file[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)]))
    }
    guard position == file.count - start else {
      throw SafetensorsError(
        "the file has \(file.count - start - position) bytes after its last tensor")
    }
  }
}

/// Reads the JSON header, of which safetensors uses a small part: no nesting beyond two levels, no
/// numbers but natural ones.
struct SafetensorsHeaderParser {
  struct Entry {
    let name: String
    let type: Safetensors.ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  mutating func parse() throws -> (entries: [Entry], metadata: [String: String]) {
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    var names: Set<String> = []
    guard bytes.first == UInt8(ascii: "{") else { throw fault("does not begin with '{'") }
    try object { parser, name in
      guard names.insert(name).inserted else { throw parser.fault("names '\(name)' twice") }
      if name == "__metadata__" {
        try parser.object { parser, key in
          guard metadata.updateValue(try parser.string(), forKey: key) == nil else {
            throw parser.fault("has the metadata key '\(key)' twice")
          }
        }
      } else {
        entries.append(try parser.entry(name))
      }
    }
    skipSpace()
    guard position == bytes.endIndex else { throw fault("goes on after its last '}'") }
    return (entries, metadata)
  }

  private mutating func entry(_ name: String) throws -> Entry {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key in
      switch key {
      case "dtype" where typeName == nil: typeName = try parser.string()
      case "shape" where shape == nil: shape = try parser.naturals()
      case "data_offsets" where offsets == nil: offsets = try parser.naturals()
      default:
        throw parser.fault("has an unknown or repeated key '\(key)' for '\(name)'")
      }
    }
    guard let typeName, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw fault("lacks dtype, shape or two ascending data_offsets for '\(name)'")
    }
    guard let type = Safetensors.ElementType(rawValue: typeName) else {
      let known = Safetensors.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw SafetensorsError(
        "tensor '\(name)' has elements of type \(typeName); only \(known) can be read")
    }
    var size = type.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw fault("has a shape beyond any file for '\(name)'") }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw SafetensorsError(
        "tensor '\(name)' of shape \(shape) and type \(typeName) needs \(size) bytes but has "
          + "\(offsets[1] - offsets[0])")
    }
    return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private func fault(_ what: String) -> SafetensorsError {
    SafetensorsError(
      "the header \(what) (byte \(position - bytes.startIndex) of \(bytes.count)); the file is "
        + "damaged or no safetensors file")
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  /// Takes the next character that is not a space, where it is `character`.
  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < bytes.endIndex, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Character) throws {
    guard take(character) else { throw fault("lacks a '\(character)'") }
  }

  /// Reads `{"key": value, …}`; `member` reads each value.
  private mutating func object(
    _ member: (inout SafetensorsHeaderParser, String) throws -> Void
  ) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// Reads `[1, 2, …]`.
  private mutating func naturals() throws -> [Int] {
    var result: [Int] = []
    try expect("[")
    if take("]") { return result }
    repeat {
      guard result.count < 32 else { throw fault("has a list of more than 32 numbers") }
      result.append(try natural())
    } while take(",")
    try expect("]")
    return result
  }

  private mutating func natural() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.endIndex, (0x30...0x39).contains(bytes[position]) {
      let (scaled, overflow1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = scaled.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow1, !overflow2 else { throw fault("has a number that is too large") }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0, digits == 1 || bytes[start] != 0x30 else {
      throw fault("lacks a whole number that is not negative")
    }
    return value
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var content: [UInt8] = []
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw fault("has text that is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): content += try escape()
      case 0..<0x20: throw fault("has a control character within text")
      default: content.append(byte)
      }
    }
    throw fault("ends within text")
  }

  /// The UTF-8 of what follows a backslash.
  private mutating func escape() throws -> [UInt8] {
    guard position < bytes.endIndex else { throw fault("ends within text") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try hexadecimal()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
          throw fault("has half a surrogate pair")
        }
        position += 2
        units.append(try hexadecimal())
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw fault("has half a surrogate pair")
      }
      return Array(text.utf8)
    default: throw fault("has an unknown escape within text")
    }
  }

  private mutating func hexadecimal() throws -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard position < bytes.endIndex,
        let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue
      else { throw fault("has a \\u without four hexadecimal digits") }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
