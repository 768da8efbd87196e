/// The text that starts a MetaImage file: lines `Key = value`, the last of which is `ElementDataFile`
/// (Kitware, "ITK/MetaIO/Documentation"; what is said and meant is what ITK's MetaImageIO reads).
struct MetaImageHeader {
  /// The file, for messages.
  let path: String
  /// The values by key in lower case.
  private(set) var fields: [String: String] = [:]
  /// The text, with the line of `ElementDataFile`.
  let text: [UInt8]
  /// Where voxels start that follow the header.
  let end: Int
  /// Names of files that follow `ElementDataFile = LIST`.
  private(set) var listed: [String] = []

  /// Reads the header that starts `bytes`.
  ///
  /// - Throws: ``VolumeError`` where there is none.
  init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    var lines = HeaderLines(bytes)
    var data: String?
    while data == nil, let line = lines.next() {
      guard let equals = line.firstIndex(of: "="),
        case let key = HeaderText.trimmed(line[..<equals]), key.count <= 64
      else {
        // Lines of white space are passed over, as MetaIO does; anything else is another format.
        if line.allSatisfy(\.isWhitespace) { continue }
        break
      }
      let value = String(HeaderText.trimmed(line[line.index(after: equals)...]))
      guard fields.updateValue(value, forKey: key.lowercased()) == nil else {
        throw VolumeError(.malformed, path, "says \(key) twice; export it again")
      }
      if key.lowercased() == "elementdatafile" { data = value }
    }
    guard let data else {
      throw VolumeError(
        .malformed, path,
        "is not a MetaImage file (no ElementDataFile ends its header); export it as .mha")
    }
    text = Array(bytes[..<lines.position])
    end = lines.position
    if data.hasPrefix("LIST") {
      while let line = lines.next(), !line.allSatisfy(\.isWhitespace) {
        listed.append(String(HeaderText.trimmed(line[...])))
      }
    }
    if let type = fields["objecttype"], type.lowercased() != "image" {
      throw VolumeError(
        .unsupported, path, "holds the object \(type.prefix(80)), not an Image; export the image")
    }
  }

  /// The first of `keys` that is there, with its value.
  func first(_ keys: [String]) -> (key: String, value: String)? {
    for key in keys {
      if let value = fields[key.lowercased()] { return (key, value) }
    }
    return nil
  }

  /// Whether the field `key` says true.
  func flag(_ keys: String...) -> Bool {
    let value = first(keys)?.value.lowercased() ?? ""
    return value.hasPrefix("t") || value.hasPrefix("1")
  }

  /// The fault of a field with a value that it cannot have.
  func malformed(_ key: String, _ value: some StringProtocol) -> VolumeError {
    VolumeError(
      .malformed, path, "has the \(key) \"\(value.prefix(80))\", which cannot be; export it again")
  }

  /// The numbers of the first of `keys` that is there, `count` of them.
  func numbers(_ keys: [String], count: Int) throws -> [Double]? {
    guard let (key, value) = first(keys) else { return nil }
    guard let numbers = HeaderText.numbers(value), numbers.count == count else {
      throw malformed(key, value)
    }
    return numbers
  }
}
