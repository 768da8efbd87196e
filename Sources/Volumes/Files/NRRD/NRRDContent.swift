extension NRRDHeader {
  /// How a voxel is stored.
  func element() throws -> ElementType {
    let type = try required("type").lowercased()
    if type == "block" {
      throw VolumeError(
        .unsupported, path, "holds blocks, not one number a voxel; export it as float")
    }
    guard let element = Self.elements[HeaderText.words(type).joined(separator: " ")] else {
      throw malformed("type", type)
    }
    return element
  }

  private static let elements: [String: ElementType] = {
    let names: [ElementType: [String]] = [
      .int8: ["signed char", "int8", "int8_t"],
      .uint8: ["uchar", "unsigned char", "uint8", "uint8_t"],
      .int16: ["short", "short int", "signed short", "signed short int", "int16", "int16_t"],
      .uint16: ["ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"],
      .int32: ["int", "signed int", "int32", "int32_t"],
      .uint32: ["uint", "unsigned int", "uint32", "uint32_t"],
      .int64: [
        "longlong", "long long", "long long int", "signed long long", "signed long long int",
        "int64", "int64_t",
      ],
      .uint64: [
        "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t",
      ],
      .float32: ["float"],
      .float64: ["double"],
    ]
    return Dictionary(
      uniqueKeysWithValues: names.flatMap { element, names in names.map { ($0, element) } })
  }()

  /// Whether the most significant byte comes first.
  func isBigEndian(_ element: ElementType, _ section: VoxelSection) throws -> Bool {
    guard element.size > 1, section.encoding != .text else { return false }
    let endian = try required("endian").lowercased()
    guard endian == "big" || endian == "little" else { throw malformed("endian", endian) }
    return endian == "big"
  }

  /// How voxels are written down, and what lies before them.
  func section() throws -> VoxelSection {
    let name = try required("encoding").lowercased()
    let encoding: VoxelSection.Encoding
    switch name {
    case "raw": encoding = .raw
    case "gz", "gzip": encoding = .deflated(.gzip)
    case "txt", "text", "ascii": encoding = .text
    case "hex": encoding = .hexadecimal
    case "bz2", "bzip2", "zrl":
      throw VolumeError(
        .unsupported, path,
        "is encoded as \(name), which is not read here; export it as gzip, with teem's unu save for "
          + "instance")
    default: throw malformed("encoding", name)
    }
    let skip = try integer("byteskip", least: encoding == .raw ? -1 : 0, 0)
    return VoxelSection(
      encoding: encoding, lineSkip: try integer("lineskip", least: 0, 0), byteSkip: skip)
  }

  /// Where the voxels are; `most` bounds the number of files.
  func files(most: Int) throws -> DetachedFiles {
    guard let text = fields["datafile"] else {
      if path.lowercased().hasSuffix(".nhdr") {
        throw VolumeError(
          .malformed, path, "does not name its data file; name the header .nrrd where voxels follow"
        )
      }
      return .attached
    }
    if text.hasPrefix("LIST") {
      guard !listed.isEmpty, listed.count <= most else {
        throw malformed("data file", "LIST of \(listed.count)")
      }
      return .named(listed)
    }
    guard !text.isEmpty else { throw malformed("data file", text) }
    let words = HeaderText.words(text)
    if words.count >= 4, words[0].contains("%"), let first = Int(words[1]),
      let last = Int(words[2]),
      let step = Int(words[3])
    {
      guard
        let files = DetachedFiles(
          pattern: words[0], first: first, last: last, step: step, most: most)
      else { throw malformed("data file", text) }
      return files
    }
    return .named([text])
  }

  // MARK: Writing

  /// The header for `content`, without the empty line at its end: the geometry as its source says it,
  /// word for word, where that describes the same grid, else in LPS.
  static func text(
    for content: VolumeContent, as element: ElementType, dataFile: String?
  ) -> String {
    let hasChannels = content.channels > 1
    let names: [ElementType: String] = [.float32: "float", .float64: "double"]
    var placement = placement(of: content)
    var axes = placement.removeFirst()
    var sizes = content.geometry.shape
    var kinds = ["domain", "domain", "domain"]
    if hasChannels {
      axes.values.insert(axes.name == "spacings" ? "nan" : "none", at: 0)
      sizes.insert(content.channels, at: 0)
      kinds.insert("vector", at: 0)
    }
    var lines = [
      "NRRD0005",
      "type: \(names[element] ?? element.rawValue)",
      "dimension: \(sizes.count)",
    ]
    // Vectors need their space before them.
    lines += placement.filter { $0.name.hasPrefix("space") && $0.name != "space origin" }
      .map(\.line)
    lines.append("sizes: \(sizes.map(String.init).joined(separator: " "))")
    if !axes.values.isEmpty { lines.append(axes.line) }
    lines += [
      "kinds: \(kinds.joined(separator: " "))",
      "endian: little",
      "encoding: gzip",
    ]
    lines += placement.filter { !$0.name.hasPrefix("space") || $0.name == "space origin" }.map(
      \.line)
    if let dataFile { lines.append("data file: \(dataFile)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A field to write.
  private struct Field {
    var name: String
    var values: [String]
    var line: String { "\(name): \(values.joined(separator: " "))" }
  }

  /// First the field with a value for each axis of space (without values where there is none), then the
  /// others that place the grid.
  private static func placement(of content: VolumeContent) -> [Field] {
    if let source = content.source, source.format == "nrrd",
      let header = try? NRRDHeader(source.bytes, path: ""), let axes = try? header.axes(),
      axes.geometry == content.geometry, axes.spatial.count == 3
    {
      var fields = [Field(name: "space directions", values: [])]
      if let vectors = header.vectors("spacedirections") {
        fields[0].values = axes.spatial.map { String(vectors[$0]) }
      } else if let spacings = header.fields["spacings"] {
        let words = HeaderText.words(spacings)
        fields[0] = Field(name: "spacings", values: axes.spatial.map { String(words[$0]) })
      }
      let kept = [
        "space": "space", "spacedimension": "space dimension", "spaceunits": "space units",
        "spaceorigin": "space origin", "measurementframe": "measurement frame",
      ]
      for (key, name) in kept.sorted(by: { $0.value < $1.value }) {
        if let value = header.fields[key] { fields.append(Field(name: name, values: [value])) }
      }
      return fields
    }
    let affine = content.geometry.affine.changingLPS
    func vector(_ v: SIMD3<Double>) -> String { "(\(v.x),\(v.y),\(v.z))" }
    return [
      Field(name: "space directions", values: affine.columns.map(vector)),
      Field(name: "space", values: ["left-posterior-superior"]),
      Field(name: "space origin", values: [vector(affine.origin)]),
    ]
  }
}
