/// PNG as volumes: a folder of numbered slices, or one picture as a volume of one slice.
///
/// Columns are the first axis, rows the second, slices the third, running to the left, to posterior and to
/// superior (as ITK takes them). Colors become three channels, indices of a palette stay numbers. A file
/// `spacing.txt` beside the slices holds the distances of columns, rows and slices in mm; without it, 1 mm
/// is assumed.
public struct PNGFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "png".
  public var name: String { "png" }

  /// `.png`; folders of slices are known by their content.
  public var endings: [String] { [".png"] }

  /// The file that holds the spacing.
  static let spacingFile = "spacing.txt"

  /// Whether slices are among the `names` of a folder.
  static func isSlice(in names: [String]) -> Bool { names.contains(where: isSlice) }

  private static func isSlice(_ name: String) -> Bool {
    name.lowercased().hasSuffix(".png") && !name.hasPrefix(".")
  }

  /// Reads the picture, or the folder of slices, at `path`.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    let names = try files.names(in: path)
    let prefix = names == nil ? FilePath.folder(of: path) : path + (path.hasSuffix("/") ? "" : "/")
    let slices = try names.map { try Self.ordered($0, path).map { prefix + $0 } } ?? [path]
    let first = try files.read(slices[0], limit: nil)
    let header = try PNGCodec.header(first, name: slices[0])
    let channels = header.color.rawValue
    guard EncodedVolume.count([header.width, header.height, slices.count, channels]) != nil else {
      throw VolumeError(
        .unsupported, path, "holds more than \(EncodedVolume.maximumCount) voxels; crop it first")
    }
    let spacing = try Self.spacing(prefix + Self.spacingFile, in: files)
    let affine = Affine(spacing: spacing ?? SIMD3(1, 1, 1)).changingLPS
    var volume = EncodedVolume(
      path: path,
      geometry: Geometry(shape: [header.width, header.height, slices.count], affine: affine),
      channels: channels, element: header.depth == 16 ? .uint16 : .uint8, bigEndian: true, slope: 1,
      intercept: 0, bytes: [], order: .interleaved, source: SourceHeader(format: name, bytes: []),
      notes: [
        VolumeNote(
          .directions,
          "pictures do not say where they lie: columns to the left, rows to posterior and slices to "
            + "superior are assumed, as ITK assumes")
      ])
    if spacing == nil {
      volume.notes.insert(
        VolumeNote(
          .spacing,
          "it has no \(Self.spacingFile) with the distances of columns, rows and slices in mm: 1 mm "
            + "is assumed"), at: 0)
    }
    if headerOnly { return volume }
    for (index, slice) in slices.enumerated() {
      let content = index == 0 ? first : try files.read(slice, limit: nil)
      let own = try PNGCodec.header(content, name: slice)
      guard own == header else {
        throw VolumeError(
          .geometry, slice,
          "has \(own.width) x \(own.height) pixels of \(own.color.rawValue) x \(own.depth) bits, "
            + "\(slices[0]) has \(header.width) x \(header.height) of \(header.color.rawValue) x "
            + "\(header.depth); put slices of one volume alone into a folder")
      }
      volume.bytes += try PNGCodec.decode(content, name: slice).bytes
    }
    return volume
  }

  /// The slices among `names`, by their numbers (the last digits in each name).
  private static func ordered(_ names: [String], _ folder: String) throws -> [String] {
    let slices = names.filter(isSlice)
    guard !slices.isEmpty else {
      throw VolumeError(.unsupported, folder, "is a folder without .png files; name another")
    }
    guard slices.count > 1 else { return slices }
    var numbered: [(number: Int, name: String)] = []
    for name in slices {
      guard let number = number(in: name) else {
        throw VolumeError(
          .unsupported, folder,
          "holds \(name), which has no number; number the slices of one volume in their order")
      }
      numbered.append((number: number, name: name))
    }
    numbered.sort { (one, other) -> Bool in
      one.number == other.number ? one.name < other.name : one.number < other.number
    }
    let step = numbered[1].number - numbered[0].number
    for (before, after) in zip(numbered, numbered.dropFirst()) {
      guard before.number < after.number else {
        throw VolumeError(
          .unsupported, folder,
          "has two slices of the number \(after.number), \(before.name) and \(after.name); leave one "
            + "volume in the folder")
      }
      guard after.number - before.number == step else {
        throw VolumeError(
          .geometry, folder,
          "has no slice between \(before.name) and \(after.name), where numbers grow by \(step) "
            + "before; add the missing ones, or number the slices anew")
      }
    }
    return numbered.map(\.name)
  }

  private static func number(in name: String) -> Int? {
    let stem = name.dropLast(4)
    guard let last = stem.lastIndex(where: { ("0"..."9").contains($0) }) else { return nil }
    let digits = stem[...last].reversed().prefix { ("0"..."9").contains($0) }
    return digits.count <= 18 ? Int(String(digits.reversed())) : nil
  }

  private static func spacing(
    _ path: String, in files: any FileSource
  ) throws -> SIMD3<Double>? {
    guard files.exists(path) else { return nil }
    let text = String(decoding: try files.read(path, limit: 1 << 12), as: UTF8.self)
    guard let numbers = HeaderText.numbers(text.replacing(",", with: " ")), numbers.count == 3,
      numbers.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw VolumeError(
        .malformed, path,
        "does not hold three positive numbers, the distances of columns, rows and slices in mm; write "
          + "0.5 0.5 2, for instance")
    }
    return SIMD3(numbers[0], numbers[1], numbers[2])
  }

  /// A picture: a volume of one slice, of one channel or three, as `uint8` or `uint16`.
  ///
  /// - Throws: ``VolumeError``; of kind `unsupported` for other volumes.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    let shape = content.geometry.shape
    guard shape[2] == 1, let color = PNGImage.Color(rawValue: content.channels),
      element == .uint8 || element == .uint16
    else {
      throw VolumeError(
        .unsupported, path,
        "cannot hold \(shape[2]) slices with \(content.channels) channels of \(element.rawValue), but "
          + "one slice with 1 or 3 of uint8 or uint16; write .nii.gz instead")
    }
    let bytes = try content.encode(
      as: element, bigEndian: true, order: .interleaved, path: path)
    let image = PNGImage(
      width: shape[0], height: shape[1], color: color, depth: 8 * element.size, bytes: bytes)
    return [FileContent(path: path, bytes: try image.png())]
  }
}
