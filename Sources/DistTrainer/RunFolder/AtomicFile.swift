/// Writes files so that a name bears either the old content or the new, whole, whatever happens.
///
/// The content goes to a temporary file in the same folder, is brought to the disk, and takes the
/// name in one step; then the folder's entry is brought to the disk. A full disk, a signal or a
/// power cut leaves the old file as it was. The temporary name is fixed (`.NAME.partial`), so that
/// what a killed run left behind is overwritten by the next; two writers of one file are kept apart
/// by ``FolderLock``.
public struct AtomicFile: ~Copyable {
  private let path: String
  private let file: OpenFile
  private let calls: SystemCalls

  private init(path: String, temporary: String, calls: SystemCalls) throws(SystemError) {
    self.path = path
    self.calls = calls
    file = try OpenFile(path: temporary, for: .replacing)
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: ``FileError`` that names the file and the remedy.
  public func write(_ bytes: Span<UInt8>) throws(FileError) {
    do {
      try file.write(bytes, calls: calls)
    } catch {
      throw FileError("write", path, error, kept: true)
    }
  }

  /// Adds the bytes of anything at the end, for example of an arena of weights.
  ///
  /// - Throws: ``FileError`` that names the file and the remedy.
  public func write(_ bytes: RawSpan) throws(FileError) {
    do {
      try file.write(bytes, calls: calls)
    } catch {
      throw FileError("write", path, error, kept: true)
    }
  }

  /// Replaces a file by what `body` writes.
  ///
  /// - Parameters:
  ///   - path: the file; its folder must exist.
  ///   - old: the name that the old file takes, if there is one; nil forgets it. A power cut between
  ///     the two steps leaves the old file under that name and none under its own.
  ///   - body: writes the content in order, in as many pieces as it likes.
  /// - Throws: ``FileError``, or what `body` throws; the old file is then untouched and the
  ///   temporary one removed.
  public static func replace(
    _ path: String, keepingOldAs old: String? = nil,
    _ body: (borrowing AtomicFile) throws -> Void
  ) throws {
    try replace(path, keepingOldAs: old, calls: .live, body)
  }

  /// Replaces a file by a text.
  ///
  /// - Throws: ``FileError``; the old file is then untouched.
  public static func replace(_ path: String, with text: String) throws(FileError) {
    do {
      try replace(path) { try $0.write(Array(text.utf8).span) }
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(path: path, description: "Cannot write \(path): \(error).")
    }
  }

  static func replace(
    _ path: String, keepingOldAs old: String? = nil, calls: SystemCalls,
    _ body: (borrowing AtomicFile) throws -> Void
  ) throws {
    let folder = path.folder
    let temporary = folder.appending(file: ".\(path.lastComponent).partial")
    do {
      try write(path, temporary: temporary, calls: calls, body)
      if let old, fileExists(path) { try renameFile(path, to: old) }
      try renameFile(temporary, to: path)
      let entries = try OpenFile(path: folder, for: .folder)
      try calls.synchronize(entries.descriptor).get()
    } catch let error as SystemError {
      removeFile(temporary)
      throw FileError("write", path, error, kept: true)
    } catch {
      removeFile(temporary)
      throw error
    }
  }

  /// Writes the temporary file, which is closed on return.
  private static func write(
    _ path: String, temporary: String, calls: SystemCalls,
    _ body: (borrowing AtomicFile) throws -> Void
  ) throws {
    let file = try AtomicFile(path: path, temporary: temporary, calls: calls)
    try body(file)
    // Some file systems find out only here that there is no room.
    try calls.synchronize(file.file.descriptor).get()
  }
}
