extension MetaImageHeader {
  static let matrixKeys = ["TransformMatrix", "Rotation", "Orientation"]
  static let originKeys = ["Offset", "Position", "Origin"]
  static let spacingKeys = ["ElementSpacing", "ElementSize"]

  /// The extents of all dimensions.
  func extents() throws -> [Int] {
    let (key, text) = first(["NDims"]) ?? ("NDims", "")
    guard let dimensions = Int(text), (1...10).contains(dimensions) else {
      throw malformed(key, text)
    }
    let sizes = first(["DimSize"])?.value ?? ""
    guard let extents = HeaderText.integers(sizes), extents.count == dimensions,
      extents.allSatisfy({ $0 >= 1 })
    else { throw malformed("DimSize", sizes) }
    return extents
  }

  /// The grid, the channels and their order: those of `ElementNumberOfChannels`, or a fourth dimension.
  func layout() throws -> (
    geometry: Geometry, channels: Int, order: VoxelOrder, notes: [VolumeNote]
  ) {
    let extents = try extents()
    let text = first(["ElementNumberOfChannels"])?.value ?? "1"
    guard let vector = Int(text), vector >= 1 else {
      throw malformed("ElementNumberOfChannels", text)
    }
    let further = extents.dropFirst(3).filter { $0 > 1 }
    guard further.count + (vector > 1 ? 1 : 0) <= 1 else {
      let shape = extents.map(String.init).joined(separator: "x")
      throw VolumeError(
        .unsupported, path,
        "has the shape \(shape) with \(vector) channels; one dimension beside space is allowed, split "
          + "it into several files")
    }
    guard EncodedVolume.count(extents + [vector]) != nil else {
      throw VolumeError(
        .unsupported, path,
        "declares more than \(EncodedVolume.maximumCount) voxels; crop it first")
    }
    let (affine, notes) = try placement(extents.count)
    guard affine.isInvertible else {
      throw VolumeError(
        .geometry, path,
        "has a TransformMatrix and ElementSpacing that are not an invertible transform to millimeters; "
          + "set them anew")
    }
    let shape = Array((extents + [1, 1])[..<3])
    return (
      Geometry(shape: shape, affine: affine), vector > 1 ? vector : further.first ?? 1,
      vector > 1 ? .interleaved : .planar, notes
    )
  }

  /// The map to RAS+. A row of the file's matrix is the direction of an axis, in LPS.
  private func placement(_ dimensions: Int) throws -> (Affine, notes: [VolumeNote]) {
    let spacing = try numbers(Self.spacingKeys, count: dimensions)
    let matrix = try numbers(Self.matrixKeys, count: dimensions * dimensions)
    let offset = try numbers(Self.originKeys, count: dimensions)
    let axes = min(dimensions, 3)
    var origin = SIMD3<Double>.zero
    for axis in 0..<axes { origin[axis] = offset?[axis] ?? 0 }
    let columns = (0..<axes).map { axis in
      var column = SIMD3<Double>.zero
      for component in 0..<axes {
        column[component] = matrix?[axis * dimensions + component] ?? (axis == component ? 1 : 0)
      }
      return column * (spacing?[axis] ?? 1)
    }
    var notes: [VolumeNote] = []
    if spacing == nil { notes.append(VolumeNote(.spacing, "it has no spacing: 1 mm is assumed")) }
    if matrix == nil {
      notes.append(
        VolumeNote(
          .directions,
          "it has no TransformMatrix: axes to the left, posterior and superior are assumed, as ITK "
            + "assumes"))
    }
    return (Affine(someColumns: columns, origin: origin).changingLPS, notes)
  }

  /// How a voxel is stored.
  func element() throws -> ElementType {
    var type = first(["ElementType"])?.value.uppercased() ?? ""
    if type.hasSuffix("_ARRAY") { type.removeLast(6) }
    guard let element = Self.elements[type] else {
      throw malformed("ElementType", type)
    }
    return element
  }

  /// `long` has four bytes in MetaIO, on every machine.
  private static let elements: [String: ElementType] = [
    "MET_CHAR": .int8, "MET_UCHAR": .uint8, "MET_SHORT": .int16, "MET_USHORT": .uint16,
    "MET_INT": .int32, "MET_UINT": .uint32, "MET_LONG": .int32, "MET_ULONG": .uint32,
    "MET_LONG_LONG": .int64, "MET_ULONG_LONG": .uint64, "MET_FLOAT": .float32,
    "MET_DOUBLE": .float64,
  ]

  /// The name of `element` in a header.
  static func name(of element: ElementType) -> String {
    switch element {
    case .int8: "MET_CHAR"
    case .uint8: "MET_UCHAR"
    case .int16: "MET_SHORT"
    case .uint16: "MET_USHORT"
    case .int32: "MET_INT"
    case .uint32: "MET_UINT"
    case .int64: "MET_LONG_LONG"
    case .uint64: "MET_ULONG_LONG"
    case .float32: "MET_FLOAT"
    case .float64: "MET_DOUBLE"
    }
  }

  /// How voxels are written down, and what lies before them.
  ///
  /// Compressed voxels have the frame of zlib or that of gzip, as MetaIO reads both.
  func section() throws -> VoxelSection {
    let text = first(["HeaderSize"])?.value ?? "0"
    let isCompressed = flag("CompressedData")
    guard let skip = Int(text), skip >= (isCompressed ? 0 : -1) else {
      throw malformed("HeaderSize", text)
    }
    if isCompressed { return VoxelSection(encoding: .deflated(.zlibOrGzip), lead: skip) }
    let isText = first(["BinaryData"]) != nil && !flag("BinaryData")
    return VoxelSection(encoding: isText ? .text : .raw, byteSkip: skip)
  }

  /// Where the voxels are; `most` bounds the number of files.
  func files(most: Int) throws -> DetachedFiles {
    let text = first(["ElementDataFile"])?.value ?? ""
    if ["local", "LOCAL", "Local"].contains(text) { return .attached }
    if text.hasPrefix("LIST") {
      guard !listed.isEmpty, listed.count <= most else {
        throw malformed("ElementDataFile", "LIST of \(listed.count)")
      }
      return .named(listed)
    }
    let words = HeaderText.words(text)
    if words.count >= 3, words[0].contains("%"), let first = Int(words[1]), let last = Int(words[2])
    {
      guard
        let files = DetachedFiles(
          pattern: words[0], first: first, last: last,
          step: words.count > 3 ? Int(words[3]) ?? 0 : 1, most: most)
      else { throw malformed("ElementDataFile", text) }
      return files
    }
    guard !text.isEmpty else { throw malformed("ElementDataFile", text) }
    return .named([text])
  }

  // MARK: Writing

  /// The header for `content`, whose voxels take `compressedSize` bytes: the geometry as its source says
  /// it, word for word, where that describes the same grid, else as directions and spacings.
  static func text(
    for content: VolumeContent, as element: ElementType, compressedSize: Int, dataFile: String
  ) -> String {
    var lines = [
      "ObjectType = Image",
      "NDims = 3",
      "BinaryData = True",
      "BinaryDataByteOrderMSB = False",
      "CompressedData = True",
      "CompressedDataSize = \(compressedSize)",
    ]
    lines += placement(of: content)
    lines.append("DimSize = \(content.geometry.shape.map(String.init).joined(separator: " "))")
    if content.channels > 1 { lines.append("ElementNumberOfChannels = \(content.channels)") }
    lines += ["ElementType = \(name(of: element))", "ElementDataFile = \(dataFile)"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func placement(of content: VolumeContent) -> [String] {
    if let source = content.source, source.format == "metaimage",
      let header = try? MetaImageHeader(source.bytes, path: ""), let layout = try? header.layout(),
      layout.geometry == content.geometry, (try? header.extents().count) == 3
    {
      let kept = [
        matrixKeys, originKeys, ["CenterOfRotation"], ["AnatomicalOrientation"], ["ElementSpacing"],
        ["ElementSize"], ["DistanceUnits"],
      ]
      return kept.compactMap { header.first($0) }.map { "\($0.key) = \($0.value)" }
    }
    let affine = content.geometry.affine.changingLPS
    func text(_ numbers: [SIMD3<Double>]) -> String {
      numbers.flatMap { [$0.x, $0.y, $0.z] }.map { "\($0)" }.joined(separator: " ")
    }
    let spacing = affine.spacing
    return [
      "TransformMatrix = \(text(zip(affine.columns, spacing).map { $0 / $1 }))",
      "Offset = \(text([affine.origin]))",
      "CenterOfRotation = 0 0 0",
      "ElementSpacing = \(text([SIMD3(spacing[0], spacing[1], spacing[2])]))",
    ]
  }
}
