#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file mapped into memory, to be read: its pages are shared by all processes of a host.
///
/// The one place where volumes are read by pointer. A mapped file must not be shortened by others;
/// ours are only ever replaced as a whole, which leaves an open map as it was.
@safe struct MappedFile: ~Copyable {
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
    let mapped = unsafe mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
    unsafe address = mapped
    count = length
  }

  deinit { unsafe munmap(address, count) }

  /// A copy of the elements that start at a byte; nil where they do not lie within the file.
  ///
  /// `Element` must be a number: any bits are a value of it.
  func elements<Element: FixedWidthInteger & BitwiseCopyable>(
    of type: Element.Type = Element.self, at offset: Int, count elements: Int
  ) -> [Element]? {
    copy(at: offset, count: elements, filler: 0)
  }

  /// A copy of the floats that start at a byte; nil where they do not lie within the file.
  func floats(at offset: Int, count elements: Int) -> [Float]? {
    copy(at: offset, count: elements, filler: 0)
  }

  private func copy<Element: BitwiseCopyable>(
    at offset: Int, count elements: Int, filler: Element
  ) -> [Element]? {
    let size = MemoryLayout<Element>.stride
    let (length, overflow) = elements.multipliedReportingOverflow(by: size)
    guard offset >= 0, elements >= 0, !overflow, length <= count, offset <= count - length else {
      return nil
    }
    var result = [Element](repeating: filler, count: elements)
    guard length > 0 else { return result }
    // Within both buffers by the check above.
    unsafe result.withUnsafeMutableBytes { target in
      guard let base = target.baseAddress else { return }
      unsafe memcpy(base, address + offset, length)
    }
    return result
  }
}
