/// NRRD: one file (`.nrrd`), or a header with its voxels in other files (`.nhdr`).
///
/// Raw, gzip, text and hexadecimal; either byte order; lines and bytes to skip. Results are written
/// compressed by gzip, channels as the first axis (kind `vector`), the way ITK and Slicer read them.
public struct NRRDFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "nrrd".
  public var name: String { "nrrd" }

  /// `.nrrd` and `.nhdr`.
  public var endings: [String] { [".nrrd", ".nhdr"] }

  /// Reads the file at `path`, and those that it names.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    let content = try files.read(path, limit: headerOnly ? HeaderLines.largest : nil)
    let header = try NRRDHeader(content, path: path)
    let axes = try header.axes()
    let element = try header.element()
    let section = try header.section()
    var volume = EncodedVolume(
      path: path, geometry: axes.geometry, channels: axes.channels, element: element,
      bigEndian: try header.isBigEndian(element, section), slope: 1, intercept: 0, bytes: [],
      order: axes.order, source: SourceHeader(format: name, bytes: header.text), notes: axes.notes)
    if headerOnly { return volume }
    let count = axes.channels * axes.geometry.count
    volume.bytes = try header.files(most: count).read(
      section, header: content, start: header.end, path: path, count: count, face: volume.face,
      element,
      in: files)
    return volume
  }

  /// The file, and those that it names.
  ///
  /// - Throws: ``VolumeError``.
  public func parts(of path: String, in files: any FileSource) throws -> [String] {
    let header = try NRRDHeader(files.read(path, limit: HeaderLines.largest), path: path)
    let axes = try header.axes()
    return try header.files(most: axes.channels * axes.geometry.count).parts(of: path)
  }

  /// `.nrrd`, or `.nhdr` with its voxels beside it in `NAME.raw.gz`.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels` for values that `element` cannot hold.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    let voxels = Deflater.compress(
      try content.encode(as: element, order: .interleaved, path: path), .gzip)
    if path.lowercased().hasSuffix(".nhdr") {
      let data = path.dropLast(5) + ".raw.gz"
      let header = NRRDHeader.text(
        for: content, as: element, dataFile: FilePath.name(of: String(data)))
      return [
        FileContent(path: String(data), bytes: voxels),
        FileContent(path: path, bytes: Array(header.utf8)),
      ]
    }
    let header = NRRDHeader.text(for: content, as: element, dataFile: nil)
    return [FileContent(path: path, bytes: Array((header + "\n").utf8) + voxels)]
  }
}
