/// MetaImage: one file (`.mha`), or a header with its voxels in other files (`.mhd`).
///
/// Plain, compressed and as text; either byte order. Results are written compressed, channels
/// interleaved, the way ITK reads them.
public struct MetaImageFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "metaimage".
  public var name: String { "metaimage" }

  /// `.mha` and `.mhd`.
  public var endings: [String] { [".mha", ".mhd"] }

  /// Reads the file at `path`, and those that it names.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    let content = try files.read(path, limit: headerOnly ? HeaderLines.largest : nil)
    let header = try MetaImageHeader(content, path: path)
    let (geometry, channels, order, notes) = try header.layout()
    let element = try header.element()
    var volume = EncodedVolume(
      path: path, geometry: geometry, channels: channels, element: element,
      bigEndian: header.flag("ElementByteOrderMSB", "BinaryDataByteOrderMSB"), slope: 1,
      intercept: 0,
      bytes: [], order: order, source: SourceHeader(format: name, bytes: header.text), notes: notes)
    if headerOnly { return volume }
    let count = channels * geometry.count
    let section = try header.section()
    volume.bytes = try header.files(most: count).read(
      section, header: content, start: header.end, path: path, count: count, face: volume.face,
      element,
      in: files)
    if section.encoding == .text { volume.bigEndian = false }
    return volume
  }

  /// The file, and those that it names.
  ///
  /// - Throws: ``VolumeError``.
  public func parts(of path: String, in files: any FileSource) throws -> [String] {
    let header = try MetaImageHeader(files.read(path, limit: HeaderLines.largest), path: path)
    let layout = try header.layout()
    return try header.files(most: layout.1 * layout.0.count).parts(of: path)
  }

  /// `.mha`, or `.mhd` with its voxels beside it in `NAME.zraw`.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels` for values that `element` cannot hold.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    let voxels = Deflater.compress(
      try content.encode(as: element, order: .interleaved, path: path), .zlib)
    let isDetached = path.lowercased().hasSuffix(".mhd")
    let data = path.dropLast(4) + ".zraw"
    let header = MetaImageHeader.text(
      for: content, as: element, compressedSize: voxels.count,
      dataFile: isDetached ? FilePath.name(of: String(data)) : "LOCAL")
    guard isDetached else {
      return [FileContent(path: path, bytes: Array(header.utf8) + voxels)]
    }
    return [
      FileContent(path: String(data), bytes: voxels),
      FileContent(path: path, bytes: Array(header.utf8)),
    ]
  }
}
