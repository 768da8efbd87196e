/// NIfTI-1 and NIfTI-2: one file or a pair, plain or gzip, either byte order.
///
/// Extensions are skipped on reading and not carried into results. Analyze 7.5 (a pair without
/// NIfTI's magic) is refused, since it does not say which side is left.
public struct NIfTIFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "nifti".
  public var name: String { "nifti" }

  /// `.nii`, `.hdr` and `.img`, each also with `.gz`.
  public var endings: [String] { [".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"] }

  /// See ``EncodedVolume/maximumCount``.
  static let maximumCount = EncodedVolume.maximumCount

  /// Reads the single file, or the pair of which `path` names either part.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in source: any FileSource
  ) throws -> EncodedVolume {
    let files = try NIfTIFiles(reading: path, in: source)
    let single = files.header == files.voxels
    var reader = try ContentReader(
      files.header, limit: headerOnly ? 1 << 16 : nil, in: source)
    let start = try reader.read(4, "header")
    guard let (version, _) = NIfTIHeader.signature(start) else {
      throw VolumeError(
        .malformed, files.header,
        "is not a NIfTI file (its first four bytes are neither 348 nor 540); export it as NIfTI")
    }
    let size = NIfTIHeader.size(version: version)
    let rest = try reader.read(size - 4, "header")
    guard let header = NIfTIHeader(start + rest) else {
      throw VolumeError(.malformed, files.header, "is not a NIfTI file; export it as NIfTI")
    }
    var volume: EncodedVolume
    let offset: Int
    do {
      volume = try header.describe(single: single, source: self.name)
      offset = try header.dataOffset(single: single)
    } catch {
      throw error.at(files.header)
    }
    volume.path = files.voxels
    if headerOnly { return volume }
    if single {
      try reader.skip(offset - size, "extensions")
    } else {
      reader = try ContentReader(files.voxels, in: source)
      try reader.skip(offset, "space before the voxels")
    }
    let count = volume.channels * volume.geometry.count * volume.element.size
    volume.bytes = try reader.read(count, "voxels")
    try reader.expectEnd(after: count, face: volume.face * volume.element.size, "voxels")
    return volume
  }

  /// The single file, or both parts of the pair.
  ///
  /// - Throws: ``VolumeError``.
  public func parts(of path: String, in source: any FileSource) throws -> [String] {
    let files = try NIfTIFiles(reading: path, in: source)
    return files.header == files.voxels ? [files.header] : [files.header, files.voxels]
  }

  /// A single file (`.nii`, `.nii.gz`), or both parts of a pair.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels` for values that `element` cannot hold.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    let files = NIfTIFiles(writing: path)
    let single = files.header == files.voxels
    let header = NIfTIHeader(for: content, as: element, single: single)
    let voxels = try content.encode(as: element, bigEndian: header.bigEndian, path: path)
    // Four zeros: no extensions.
    let start = header.bytes + [0, 0, 0, 0]
    if single { return [files.file(files.header, start + voxels)] }
    return [files.file(files.voxels, voxels), files.file(files.header, start)]
  }
}

/// The files of one NIfTI volume: the same twice, or a pair.
struct NIfTIFiles: Equatable {
  let header: String
  let voxels: String

  /// The endings of `path`: before the dot, `.nii`/`.hdr`/`.img`, and whether `.gz` follows.
  private static func split(_ path: String) -> (stem: String, kind: String, compressed: Bool) {
    let compressed = path.lowercased().hasSuffix(".gz")
    let bare = compressed ? String(path.dropLast(3)) : path
    return (String(bare.dropLast(4)), String(bare.suffix(4)), compressed)
  }

  /// The existing files that belong to `path`. The parts of a pair need not be compressed alike.
  init(reading path: String, in source: any FileSource) throws {
    let (stem, kind, compressed) = Self.split(path)
    guard kind.lowercased() != ".nii" else {
      (header, voxels) = (path, path)
      return
    }
    let upper = kind == kind.uppercased()
    let other = kind.lowercased() == ".hdr" ? ".img" : ".hdr"
    let partner = stem + (upper ? other.uppercased() : other)
    let candidates = compressed ? [partner + ".gz", partner] : [partner, partner + ".gz"]
    guard let found = candidates.first(where: source.exists) else {
      throw VolumeError(
        .inaccessible, path,
        "is one part of a pair, but \(partner) is not beside it; put both in one folder")
    }
    (header, voxels) = kind.lowercased() == ".hdr" ? (path, found) : (found, path)
  }

  /// The files to write for `path`.
  init(writing path: String) {
    let (stem, kind, compressed) = Self.split(path)
    guard kind.lowercased() != ".nii" else {
      (header, voxels) = (path, path)
      return
    }
    let ending = compressed ? ".gz" : ""
    (header, voxels) = (stem + ".hdr" + ending, stem + ".img" + ending)
  }

  /// One of the files, compressed where its name says so.
  func file(_ path: String, _ bytes: [UInt8]) -> FileContent {
    let isCompressed = path.lowercased().hasSuffix(".gz")
    return FileContent(
      path: path, bytes: isCompressed ? Deflater.compress(bytes, .gzip) : bytes)
  }
}
