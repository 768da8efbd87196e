extension Safetensors {
  /// The bytes of a file with these contents: equal for equal contents.
  ///
  /// Metadata comes first, then tensors, both sorted by the UTF-8 of their names; spaces after the
  /// header make the data start at a multiple of 8.
  public func fileContents() -> [UInt8] {
    var header = "{"
    if !metadata.isEmpty {
      let pairs = Self.sorted(metadata).map { "\(Self.quoted($0)):\(Self.quoted($1))" }
      header += "\"__metadata__\":{" + pairs.joined(separator: ",") + "}"
    }
    let ordered = Self.sorted(tensors)
    var offset = 0
    for (name, tensor) in ordered {
      if header.utf8.count > 1 { header += "," }
      let end = offset + tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      header += "\(Self.quoted(name)):{\"dtype\":\"\(tensor.type.rawValue)\","
      header += "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    header += "}"
    let length = (header.utf8.count + 7) / 8 * 8
    var file: [UInt8] = []
    file.reserveCapacity(8 + length + offset)
    for byte in 0..<8 { file.append(UInt8(truncatingIfNeeded: length >> (8 * byte))) }
    file += Array(header.utf8)
    file += Array(repeating: UInt8(ascii: " "), count: 8 + length - file.count)
    for (_, tensor) in ordered { file += tensor.bytes }
    return file
  }

  /// Sorted by bytes: Swift's own order of strings depends on Unicode normalization.
  private static func sorted<Value>(_ items: [String: Value]) -> [(String, Value)] {
    items.map { ($0.key, $0.value) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
