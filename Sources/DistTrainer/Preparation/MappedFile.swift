#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file mapped into memory, to be read: its pages are shared by all processes of a host, and are
/// there only while they are used.
///
/// The one place where volumes are read by pointer. A map outlives the file's name; a mapped file
/// must not be shortened by others, which ours never are: they are replaced or removed as a whole.
@safe
// Never changed while the map lives, and only ever read: any thread may.
final class MappedFile: @unchecked Sendable {
  private let address: UnsafeMutableRawPointer
  /// The file's length in bytes.
  let count: Int

  /// Maps a file; nil where it is missing, empty or may not be read.
  init?(_ path: String) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_size > 0
    else { return nil }
    let length = Int(information.st_size)
    let mapped = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
    unsafe address = mapped
    count = length
  }

  deinit { unsafe munmap(address, count) }

  /// Whether `length` bytes from `offset` on lie within the file.
  func contains(_ length: Int, at offset: Int) -> Bool {
    offset >= 0 && length >= 0 && length <= count && offset <= count - length
  }

  /// Calls `body` with bytes of the file, in place.
  func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(contains(range.count, at: range.lowerBound), "beyond the file")
    let start = unsafe (address + range.lowerBound).assumingMemoryBound(to: UInt8.self)
    return try body(unsafe Span(_unsafeStart: start, count: range.count))
  }

  /// Calls `body` with `count` numbers of the file, in place, from a multiple of 64 bytes on.
  func withFloats<Result, Failure: Error>(
    at offset: Int, count: Int, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(offset % 64 == 0 && count <= self.count / 4, "numbers are aligned")
    precondition(contains(4 * count, at: offset), "beyond the file")
    let start = unsafe (address + offset).assumingMemoryBound(to: Float.self)
    return try body(unsafe Span(_unsafeStart: start, count: count))
  }
}

/// What tells whether a file was written to between two looks: its identity, length and time.
struct FileStamp: Equatable {
  private let numbers: [Int]

  /// The stamp of a file; of a missing one, that of nothing.
  init(_ path: String) {
    var information = stat()
    guard unsafe stat(path, &information) == 0 else {
      numbers = []
      return
    }
    #if canImport(Glibc)
      let time = information.st_mtim
    #else
      let time = information.st_mtimespec
    #endif
    numbers = [
      Int(truncatingIfNeeded: information.st_dev), Int(truncatingIfNeeded: information.st_ino),
      Int(information.st_size), Int(time.tv_sec), Int(time.tv_nsec),
    ]
  }

  /// What a file of a shared file system has on every host: all but the device's number, which is
  /// the host's own. Empty for a missing one.
  var acrossHosts: String { numbers.dropFirst().map(String.init).joined(separator: " ") }
}

/// Sets the time of a file's last change to now, where that is allowed.
func touchFile(_ path: String) { _ = unsafe utimensat(AT_FDCWD, path, nil, 0) }
