/// Reads and writes volumes in every format of the catalogue.
public enum VolumeFiles {
  /// The formats.
  public static let catalogue: [any VolumeFormat] = [
    NIfTIFormat(), NRRDFormat(), MetaImageFormat(), NPYFormat(), NPZFormat(), PNGFormat(),
    DICOMFormat(),
  ]

  /// The format of the file name `path`, by its ending.
  ///
  /// - Throws: ``VolumeError`` of kind `unsupported`, which lists the endings that are known.
  public static func format(of path: String) throws -> any VolumeFormat {
    if let format = formatByEnding(path) { return format }
    let known = catalogue.flatMap(\.endings).joined(separator: ", ")
    throw VolumeError(
      .unsupported, path, "has an ending of no known format; known are \(known)")
  }

  private static func formatByEnding(_ path: String) -> (any VolumeFormat)? {
    let name = path.lowercased()
    var best: (format: any VolumeFormat, length: Int)?
    for format in catalogue {
      for ending in format.endings
      where name.hasSuffix(ending) && ending.count > (best?.length ?? 0) {
        best = (format, ending.count)
      }
    }
    return best?.format
  }

  /// The format of what lies at `path`: a file's by its ending, a folder's by what it holds (slices as
  /// PNG, or a DICOM series); a file without a known ending may be DICOM.
  ///
  /// - Throws: ``VolumeError`` of kind `unsupported` or `inaccessible`.
  public static func format(
    reading path: String, in files: any FileSource = Disk()
  ) throws -> any VolumeFormat {
    if let format = formatByEnding(path) { return format }
    if let names = try files.names(in: path) {
      return PNGFormat.isSlice(in: names) ? PNGFormat() : DICOMFormat()
    }
    if files.exists(path), DICOMFormat.isDICOM(try files.read(path, limit: 132)) {
      return DICOMFormat()
    }
    return try format(of: path)
  }

  /// The files that make up what lies at `path`, in a fixed order.
  ///
  /// - Throws: ``VolumeError``.
  public static func parts(of path: String, in files: any FileSource = Disk()) throws -> [String] {
    try format(reading: path, in: files).parts(of: path, in: files)
  }

  /// Reads an image, in the file's own axis order: `[C, D, H, W]` with (D, H, W) = NIfTI's (i, j, k).
  ///
  /// NaN and infinite voxels are refused where `finite`.
  ///
  /// - Throws: ``VolumeError``.
  public static func readImage(
    _ path: String, finite: Bool = true, in files: any FileSource = Disk()
  ) throws -> Volume {
    try format(reading: path, in: files).read(path, headerOnly: false, in: files).image(
      finite: finite)
  }

  /// Reads a segmentation, in the file's own axis order.
  ///
  /// `map` gives the labels by the value in the file; without it, values 0...255 are the labels.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels`, with the value and its place, where a value is no
  ///   label.
  public static func readLabels(
    _ path: String, map: [Int: UInt8]? = nil, in files: any FileSource = Disk()
  ) throws -> LabelVolume {
    try format(reading: path, in: files).read(path, headerOnly: false, in: files).labels(map: map)
  }

  /// Reads what the header says: grid, channels, element type; no voxels.
  ///
  /// - Throws: ``VolumeError``.
  public static func readHeader(
    _ path: String, in files: any FileSource = Disk()
  ) throws -> EncodedVolume {
    try format(reading: path, in: files).read(path, headerOnly: true, in: files)
  }

  /// Writes `volume` to `path`, as `element`, whole or not at all.
  ///
  /// Values for an integer element are rounded to nearest.
  ///
  /// - Throws: ``VolumeError``.
  public static func write(
    _ volume: Volume, to path: String, as element: ElementType = .float32
  ) throws {
    let content = VolumeContent(
      values: .image(volume.voxels), channels: volume.channels, geometry: volume.geometry,
      source: volume.source)
    try write(content, to: path, as: element)
  }

  /// Writes `labels` to `path`, as `element`, whole or not at all.
  ///
  /// - Throws: ``VolumeError``.
  public static func write(
    _ labels: LabelVolume, to path: String, as element: ElementType = .uint8
  ) throws {
    let content = VolumeContent(
      values: .labels(labels.voxels), channels: 1, geometry: labels.geometry,
      source: labels.source)
    try write(content, to: path, as: element)
  }

  /// Each file is whole or not there; a header is written after what it names.
  static func write(
    _ content: VolumeContent, to path: String, as element: ElementType
  ) throws {
    for file in try format(of: path).files(for: content, at: path, as: element) {
      try FileAccess.writeAtomically(file.bytes, to: file.path)
    }
  }
}
