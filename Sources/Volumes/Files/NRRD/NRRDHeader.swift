/// The text that starts an NRRD file (Kindlmann, "Definition of NRRD file format", versions 1 to 5).
struct NRRDHeader {
  /// The file, for messages.
  let path: String
  /// The fields by name, in lower case and without spaces, with their values as they stand.
  private(set) var fields: [String: String] = [:]
  /// The text, up to the empty line before the voxels.
  let text: [UInt8]
  /// Where voxels start that follow the header.
  let end: Int
  /// Names of files that follow `data file: LIST`.
  private(set) var listed: [String] = []

  /// Reads the header that starts `bytes`.
  ///
  /// - Throws: ``VolumeError`` where there is none.
  init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    var lines = HeaderLines(bytes)
    guard let magic = lines.next(), magic.hasPrefix("NRRD000") else {
      throw VolumeError(
        .malformed, path, "is not an NRRD file (it does not start with NRRD000); export it as NRRD")
    }
    guard let version = magic.dropFirst(7).first, "12345".contains(version) else {
      throw VolumeError(
        .unsupported, path, "is of the NRRD version \"\(magic.prefix(12))\"; export it as NRRD0005")
    }
    var isList = false
    var length = lines.position
    while let line = lines.next(), !line.isEmpty {
      length = lines.position
      if isList {
        listed.append(line)
      } else if !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") {
        let rest = line[line.index(after: colon)...]
        // `key:=value` are notes of the user's.
        guard rest.first != "=" else { continue }
        let name = line[..<colon].lowercased().filter { !$0.isWhitespace }
        let value = String(HeaderText.trimmed(rest))
        guard fields.updateValue(value, forKey: Self.synonyms[name] ?? name) == nil else {
          throw VolumeError(.malformed, path, "says \(line[..<colon]) twice; export it again")
        }
        isList = name == "datafile" && value.hasPrefix("LIST")
      }
    }
    guard lines.position < HeaderLines.largest else {
      throw VolumeError(
        .malformed, path, "has a header of more than 1 MiB; export it again without key/value pairs"
      )
    }
    text = Array(bytes[..<length])
    end = lines.position
  }

  private static let synonyms = [
    "centers": "centerings", "axismins": "axismins", "spaceunit": "spaceunits",
  ]

  /// The field `name`.
  ///
  /// - Throws: ``VolumeError`` where it is absent.
  func required(_ name: String) throws -> String {
    guard let value = fields[name] else {
      throw VolumeError(.malformed, path, "does not say its \(name); export it again")
    }
    return value
  }

  /// The field `name` as an integer of at least `least`; `fallback` where it is absent.
  func integer(_ name: String, least: Int, _ fallback: Int) throws -> Int {
    guard let text = fields[name] else { return fallback }
    guard let value = Int(text), value >= least else {
      throw malformed(name, text)
    }
    return value
  }

  /// The fault of a field with a value that it cannot have.
  func malformed(_ name: String, _ value: some StringProtocol) -> VolumeError {
    VolumeError(
      .malformed, path, "has the \(name) \"\(value.prefix(80))\", which cannot be; export it again")
  }

  /// The vectors and words such as `none` in the field `name`, as they stand; nil where it is absent.
  func vectors(_ name: String) -> [Substring]? {
    guard let text = fields[name] else { return nil }
    var result: [Substring] = []
    var rest = text[...]
    while true {
      rest = rest.drop(while: \.isWhitespace)
      guard let first = rest.first else { return result }
      if first == "(", let close = rest.firstIndex(of: ")") {
        result.append(rest[...close])
        rest = rest[rest.index(after: close)...]
      } else {
        let word = rest.prefix { !$0.isWhitespace }
        result.append(word)
        rest = rest[word.endIndex...]
      }
    }
  }

  /// The numbers of the vector `text`; nil where it is none.
  static func numbers(_ text: Substring) -> [Double]? {
    guard text.first == "(", text.last == ")" else { return nil }
    let parts = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double(HeaderText.trimmed($0)) }
    return numbers.count == parts.count ? numbers : nil
  }
}
