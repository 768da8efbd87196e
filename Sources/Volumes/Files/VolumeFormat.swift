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
  func read(_ path: String, headerOnly: Bool, in files: any FileSource) throws -> EncodedVolume

  /// The files that make up what lies at `path`, in a fixed order: those of a header, a pair or a
  /// folder. Only a change of one of them changes what ``read(_:headerOnly:in:)`` returns.
  func parts(of path: String, in files: any FileSource) throws -> [String]

  /// The files that hold `content` as `element` under the name `path`, in the order to write them: a
  /// header comes after what it names.
  ///
  /// The header of a file of this format on the same grid (the content's source) keeps its geometry bit
  /// for bit.
  func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent]
}

extension VolumeFormat {
  /// The file itself, or all files in the folder.
  public func parts(of path: String, in files: any FileSource) throws -> [String] {
    try Self.parts(of: path, depth: 0, in: files)
  }

  /// No converter looks deeper into folders than five levels.
  private static func parts(
    of path: String, depth: Int, in files: any FileSource
  ) throws -> [String] {
    guard depth <= 5, let names = try files.names(in: path) else { return [path] }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return try names.flatMap { try parts(of: folder + $0, depth: depth + 1, in: files) }
  }
}

/// A file to be written.
public struct FileContent: Sendable, Equatable {
  /// Where.
  public let path: String
  /// What.
  public let bytes: [UInt8]
}
