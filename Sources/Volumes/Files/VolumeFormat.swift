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

  /// The files that hold `content` as `element` under the name `path`, in the order to write them: a
  /// header comes after what it names.
  ///
  /// The header of a file of this format on the same grid (the content's source) keeps its geometry bit
  /// for bit.
  func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent]
}

/// A file to be written.
public struct FileContent: Sendable, Equatable {
  /// Where.
  public let path: String
  /// What.
  public let bytes: [UInt8]
}
