/// Where readers find files: the disk, or a table in memory (tests).
public protocol FileSource: Sendable {
  /// The content of the regular file at `path`, or its first `limit` bytes.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible`.
  func read(_ path: String, limit: Int?) throws -> [UInt8]

  /// Whether there is something at `path`.
  func exists(_ path: String) -> Bool

  /// The names of what lies in the folder `path`, sorted; nil where that is no folder.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible` for a folder that may not be read.
  func names(in path: String) throws -> [String]?
}

/// The files of this machine.
public struct Disk: FileSource {
  /// The disk; it has no settings.
  public init() {}

  /// See ``FileSource/read(_:limit:)``.
  public func read(_ path: String, limit: Int?) throws -> [UInt8] {
    try FileAccess.read(path, limit: limit)
  }

  /// See ``FileSource/exists(_:)``.
  public func exists(_ path: String) -> Bool { FileAccess.exists(path) }

  /// See ``FileSource/names(in:)``.
  public func names(in path: String) throws -> [String]? { try FileAccess.names(in: path) }
}

/// Paths of files that lie near one another.
enum FilePath {
  /// The folder of `path`, with its final slash; empty where `path` is a name alone.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[...slash])
  }

  /// The name of `path` within its folder.
  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The file that the header at `path` calls `name`.
  static func sibling(_ name: String, of path: String) -> String {
    name.hasPrefix("/") ? name : folder(of: path) + name
  }
}
