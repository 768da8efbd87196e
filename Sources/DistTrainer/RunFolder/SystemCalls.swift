#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What the operating system refused.
struct SystemError: Error, Equatable {
  let code: Int32

  /// The error of the call just made.
  static var last: SystemError { SystemError(code: errno) }

  /// The system's words for it.
  var text: String { unsafe String(cString: strerror(code)) }

  /// The remedy, for the errors that users meet.
  var remedy: String {
    switch code {
    case ENOSPC, EDQUOT: "free space there, or write elsewhere with --output"
    case EACCES, EPERM, EROFS: "make it writable, or write elsewhere with --output"
    case ENOENT, ENOTDIR: "make the folder, or name another with --output"
    default: "mend that, or write elsewhere with --output"
    }
  }
}

/// The calls that may fail in the middle of a file, as values, so that a test can put a full disk in
/// their place.
struct SystemCalls: Sendable {
  /// Writes bytes; gives how many were written.
  var write: @Sendable (Int32, RawSpan) -> Result<Int, SystemError>
  /// Brings what was written to the disk.
  var synchronize: @Sendable (Int32) -> Result<Void, SystemError>

  /// The real calls.
  static let live = SystemCalls(
    write: { descriptor, bytes in
      let count = unsafe bytes.withUnsafeBytes { unsafe writeBytes(descriptor, $0) }
      return count < 0 ? .failure(.last) : .success(count)
    },
    synchronize: { descriptor in fsync(descriptor) == 0 ? .success(()) : .failure(.last) })
}

/// The system's `write`, which ``OpenFile`` has a method of the same name for.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

/// An open file, closed exactly once.
struct OpenFile: ~Copyable {
  let descriptor: Int32

  /// How a file is opened.
  enum Purpose {
    /// To write it anew; a link in its place is not followed.
    case replacing
    /// To add to its end.
    case appending
    /// To lock it.
    case locking
    /// To bring a folder's entries to the disk.
    case folder
  }

  init(path: String, for purpose: Purpose) throws(SystemError) {
    let flags: Int32 =
      switch purpose {
      case .replacing: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
      case .appending: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
      case .locking: O_RDWR | O_CREAT | O_CLOEXEC
      case .folder: O_RDONLY | O_DIRECTORY | O_CLOEXEC
      }
    descriptor = unsafe open(path, flags, 0o644)
    guard descriptor >= 0 else { throw .last }
  }

  deinit { close(descriptor) }

  /// Writes all of `bytes`, going on after partial writes and interruptions.
  func write(_ bytes: RawSpan, calls: SystemCalls) throws(SystemError) {
    var offset = 0
    while offset < bytes.byteCount {
      switch calls.write(descriptor, bytes.extracting(offset..<bytes.byteCount)) {
      case .success(let count): offset += count
      case .failure(let error): if error.code != EINTR { throw error }
      }
    }
  }

  /// Writes all of `bytes`.
  func write(_ bytes: Span<UInt8>, calls: SystemCalls) throws(SystemError) {
    // Bytes have no padding, which is what makes raw views of other types unsafe.
    try unsafe write(bytes.bytes, calls: calls)
  }

  /// Cuts the file to a length.
  func truncate(to length: Int) throws(SystemError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw .last }
  }

  /// Locks the file for this process; `false` when another holds it.
  func lock() throws(SystemError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw .last }
    return false
  }
}

/// Names a file anew, replacing what bore the name, in one step.
func renameFile(_ old: String, to new: String) throws(SystemError) {
  guard unsafe rename(old, new) == 0 else { throw .last }
}

/// Whether there is something of this name.
func fileExists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

/// Removes a file, if it is there.
func removeFile(_ path: String) { _ = unsafe unlink(path) }

/// The process's number.
var processNumber: Int { Int(getpid()) }
