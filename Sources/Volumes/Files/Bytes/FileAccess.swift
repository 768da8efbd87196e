#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Whole files in and out, by the system's own calls, so that each failure has its reason.
enum FileAccess {
  /// The content of the regular file at `path`, or its first `limit` bytes.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible`.
  static func read(_ path: String, limit: Int? = nil) throws -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw failure(path, "cannot be examined")
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw VolumeError(.inaccessible, path, "is not a regular file; name the file itself")
    }
    let size = min(Int(information.st_size), limit ?? Int.max)
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, written in
      while written < size {
        guard let base = target.baseAddress else { break }
        #if canImport(Glibc)
          let count = unsafe Glibc.read(descriptor, base + written, min(size - written, 1 << 30))
        #else
          let count = unsafe Darwin.read(descriptor, base + written, min(size - written, 1 << 30))
        #endif
        if count < 0 {
          if errno == EINTR { continue }
          failed = true
          break
        }
        // A file that shrank meanwhile reads as the shorter file.
        if count == 0 { break }
        written += count
      }
    }
    if failed { throw failure(path, "cannot be read") }
    return bytes
  }

  /// Whether there is something at `path`.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Whether two paths lead to one file, which exists.
  static func areSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard unsafe stat(one, &first) == 0, unsafe stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// The names of what lies in the folder `path`, sorted by their bytes; nil where that is no folder.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible`.
  static func names(in path: String) throws -> [String]? {
    guard let folder = unsafe opendir(path) else {
      if errno == ENOTDIR || errno == ENOENT { return nil }
      throw failure(path, "cannot be opened")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes the folder `path` and those above it.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible`.
  static func makeFolder(_ path: String) throws {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += (prefix.isEmpty || prefix == "/" ? "" : "/") + part
      if unsafe mkdir(prefix, 0o777) != 0 && errno != EEXIST {
        throw failure(prefix, "cannot be made")
      }
    }
  }

  /// Writes `bytes` to `path` so that a reader, or a restart after a crash, finds the old content
  /// or the new, never a part: a temporary file beside it, flushed, then renamed.
  ///
  /// - Throws: ``VolumeError`` of kind `inaccessible`; nothing is left behind then.
  static func writeAtomically(_ bytes: [UInt8], to path: String) throws {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path, "cannot be written") }
    var position = 0
    var failed = false
    unsafe bytes.withUnsafeBufferPointer { source in
      while let base = source.baseAddress, position < source.count {
        let count = unsafe write(
          descriptor, base + position, min(source.count - position, 1 << 30))
        if count < 0 {
          if errno == EINTR { continue }
          failed = true
          return
        }
        position += count
      }
    }
    var error: VolumeError?
    if failed || fsync(descriptor) != 0 { error = failure(path, "cannot be written") }
    if close(descriptor) != 0 && error == nil { error = failure(path, "cannot be written") }
    if error == nil, unsafe rename(temporary, path) != 0 {
      error = failure(path, "cannot be written")
    }
    if let error {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// A fault at `path` with the system's reason.
  private static func failure(_ path: String, _ what: String) -> VolumeError {
    let code = errno
    let remedy =
      switch code {
      case ENOENT: "check the path"
      case EACCES, EPERM, EROFS: "check the permissions"
      case ENOSPC, EDQUOT: "free some space"
      default: "check the disk"
      }
    let reason = unsafe String(cString: strerror(code))
    return VolumeError(.inaccessible, path, "\(what) (\(reason)); \(remedy)")
  }
}
