/// A file format for volumes. To add one: a type in a folder here, a line in ``VolumeFiles``'
/// catalogue.
public protocol VolumeFormat: Sendable {
  /// The name, as ``SourceHeader/format`` carries it.
  var name: String { get }
  /// The endings of file names, with the dot, in lower case; the longest match of all formats wins.
  var endings: [String] { get }

  /// Reads the file at `path`; without its voxels where `headerOnly`.
  ///
  /// The content is hostile: whatever it holds, the answer is a volume or a ``VolumeError``, and no
  /// allocation exceeds a small multiple of what the file can yield.
  func read(_ path: String, headerOnly: Bool) throws -> EncodedVolume

  /// Writes `values` to `path`, whole or not at all.
  ///
  /// The header of a file of this format on the same grid (`source`) keeps its geometry bit for bit.
  func write(_ values: VolumeContent, to path: String, as element: ElementType) throws
}

/// What is to be written: values on a grid.
public struct VolumeContent: Sendable {
  /// The numbers, `[C, D, H, W]`.
  public enum Values: Sendable {
    /// Of an image.
    case image([Float])
    /// Of a segmentation.
    case labels([UInt8])
  }

  /// The numbers, `[C, D, H, W]`.
  public let values: Values
  /// The number of channels C.
  public let channels: Int
  /// The grid.
  public let geometry: Geometry
  /// A header whose geometry to keep where it describes the same grid.
  public let source: SourceHeader?

  /// The numbers in the order of files (first spatial axis fastest, channels slowest), as `element`.
  ///
  /// - Throws: ``VolumeError`` of kind `voxels` for a value outside the element's range.
  func encode(as element: ElementType, bigEndian: Bool, path: String) throws -> [UInt8] {
    func open<Stored: StoredNumber>(_ type: Stored.Type) throws -> [UInt8] {
      switch values {
      case .image(let voxels):
        try encode(voxels, as: type, bigEndian: bigEndian, path: path) { Double($0) }
      case .labels(let voxels):
        try encode(voxels, as: type, bigEndian: bigEndian, path: path) { Double($0) }
      }
    }
    return try open(element.number)
  }

  private func encode<Voxel, Stored: StoredNumber>(
    _ voxels: [Voxel], as type: Stored.Type, bigEndian: Bool, path: String,
    _ convert: (Voxel) -> Double
  ) throws -> [UInt8] {
    let (ni, nj, nk) = (geometry.shape[0], geometry.shape[1], geometry.shape[2])
    var bytes: [UInt8] = []
    bytes.reserveCapacity(voxels.count * MemoryLayout<Stored>.size)
    let span = voxels.span
    for channel in 0..<channels {
      for k in 0..<nk {
        for j in 0..<nj {
          for i in 0..<ni {
            let value = convert(span[((channel * ni + i) * nj + j) * nk + k])
            guard let stored = Stored.nearest(to: value) else {
              throw VolumeError(
                .voxels, path, "\(value) cannot be stored as \(Stored.self); write float32 instead")
            }
            stored.append(to: &bytes, bigEndian: bigEndian)
          }
        }
      }
    }
    return bytes
  }
}

/// Reads and writes volumes in every format of the catalogue.
public enum VolumeFiles {
  /// The formats.
  public static let catalogue: [any VolumeFormat] = [
    NIfTIFormat()
  ]

  /// The format of the file at `path`, by its ending.
  ///
  /// - Throws: ``VolumeError`` of kind `unsupported`, which lists the endings that are known.
  public static func format(of path: String) throws -> any VolumeFormat {
    let name = path.lowercased()
    var best: (format: any VolumeFormat, length: Int)?
    for format in catalogue {
      for ending in format.endings
      where name.hasSuffix(ending) && ending.count > (best?.length ?? 0) {
        best = (format, ending.count)
      }
    }
    guard let best else {
      let known = catalogue.flatMap(\.endings).joined(separator: ", ")
      throw VolumeError(
        .unsupported, path, "has an ending of no known format; known are \(known)")
    }
    return best.format
  }

  /// Reads an image, in the file's own axis order: `[C, D, H, W]` with (D, H, W) = NIfTI's (i, j, k).
  ///
  /// NaN and infinite voxels are refused where `finite`.
  ///
  /// - Throws: ``VolumeError``.
  public static func readImage(_ path: String, finite: Bool = true) throws -> Volume {
    try format(of: path).read(path, headerOnly: false).image(finite: finite)
  }

  /// Reads a segmentation, in the file's own axis order.
  ///
  /// `map` gives the labels by the value in the file; without it, values 0...255 are the labels.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels`, with the value and its place, where a value is no
  ///   label.
  public static func readLabels(_ path: String, map: [Int: UInt8]? = nil) throws -> LabelVolume {
    try format(of: path).read(path, headerOnly: false).labels(map: map)
  }

  /// Reads what the header says: grid, channels, element type; no voxels.
  ///
  /// - Throws: ``VolumeError``.
  public static func readHeader(_ path: String) throws -> EncodedVolume {
    try format(of: path).read(path, headerOnly: true)
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
    try format(of: path).write(content, to: path, as: element)
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
    try format(of: path).write(content, to: path, as: element)
  }
}
