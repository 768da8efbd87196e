internal import CZlib

/// What can be wrong with compressed data.
enum InflateError: Error, Equatable {
  /// The data end in the middle of a stream.
  case truncated
  /// The data are not of their format, or their checksum is wrong; zlib's words.
  case corrupt(String)
}

/// What surrounds deflated data.
enum DeflateFrame: Sendable {
  /// gzip: header, CRC-32 and size; members may follow one another.
  case gzip
  /// zlib: two bytes, Adler-32.
  case zlib
  /// Either, by the first bytes; on writing, zlib.
  case zlibOrGzip
  /// Nothing, as within zip files.
  case bare

  /// Whether the checksum is Adler-32.
  var hasAdler: Bool { self == .zlib || self == .zlibOrGzip }

  /// The window's bits as zlib's initializers take them.
  fileprivate var bits: Int32 {
    switch self {
    case .gzip: 31
    case .zlib: 15
    case .zlibOrGzip: 47
    case .bare: -15
    }
  }
}

/// Decompresses data piece by piece, never more than was asked for.
///
/// Members of gzip that follow one another (as `bgzip` writes) read as one; bytes behind the last
/// member that do not start another are ignored, as `gzip` ignores them.
///
/// zlib's stream must not move in memory, so it lives on the heap and this class owns it; all
/// pointers into `input` and the output live for one call only.
@safe
final class Inflater {
  /// More bytes than deflate can make of one.
  static let largestExpansion = 1032

  private let stream: UnsafeMutablePointer<z_stream>
  private let input: [UInt8]
  private let frame: DeflateFrame
  private var position: Int
  private var ended = false

  /// Starts to read `input` at `position`.
  init(_ input: [UInt8], from position: Int = 0, _ frame: DeflateFrame) throws(InflateError) {
    self.input = input
    self.position = position
    self.frame = frame
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe segmpi_inflate_init(stream, frame.bits)
    guard status == Z_OK else { throw .corrupt("zlib status \(status)") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  /// Whether `bytes` start as gzip does at `position`.
  static func isGzip(_ bytes: [UInt8], at position: Int = 0) -> Bool {
    bytes.count - position >= 2 && bytes[position] == 0x1F && bytes[position + 1] == 0x8B
  }

  /// Whether all data, the checksum included, have been read.
  var isAtEnd: Bool { ended }

  /// The largest number of bytes that may still come.
  var bound: Int { (input.count - position + 1) * Self.largestExpansion }

  /// The next `count` bytes, fewer where the data end properly.
  ///
  /// What usually comes of so many compressed bytes is allocated at once; beyond that, memory grows
  /// with what really comes.
  func read(atMost count: Int) throws(InflateError) -> [UInt8] {
    var output: [UInt8] = []
    var filled = 0
    let usual = 16 * (input.count - position) + 1 << 12
    while filled < count && !ended {
      if filled == output.count {
        let size = min(count, max(usual, 2 * filled))
        if output.capacity < size { output.reserveCapacity(size) }
        output.append(contentsOf: repeatElement(0, count: size - filled))
      }
      filled += try fill(&output, from: filled)
    }
    output.removeLast(output.count - filled)
    return output
  }

  /// Reads on without keeping: `count` bytes, fewer where the data end properly; how many they were.
  func skip(atMost count: Int) throws(InflateError) -> Int {
    var buffer = [UInt8](repeating: 0, count: min(count, 1 << 16))
    var skipped = 0
    while skipped < count && !ended {
      if count - skipped < buffer.count { buffer.removeLast(buffer.count - (count - skipped)) }
      skipped += try fill(&buffer, from: 0)
    }
    return skipped
  }

  /// Decompresses into `output` from `start` to its end, at most; how many bytes came.
  private func fill(_ output: inout [UInt8], from start: Int) throws(InflateError) -> Int {
    // zlib counts in 32 bits.
    let available = min(input.count - position, Int(UInt32.max))
    let room = min(output.count - start, Int(UInt32.max))
    var status = Z_OK
    unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        // inflate reads through `next_in` and never writes; C has no const there.
        unsafe stream.pointee.next_in = source.baseAddress.map {
          unsafe UnsafeMutablePointer(mutating: $0 + position)
        }
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out = target.baseAddress.map { unsafe $0 + start }
        unsafe stream.pointee.avail_out = UInt32(room)
        status = unsafe inflate(stream, Z_NO_FLUSH)
      }
    }
    let consumed = unsafe available - Int(stream.pointee.avail_in)
    let written = unsafe room - Int(stream.pointee.avail_out)
    position += consumed
    switch status {
    case Z_OK: break
    case Z_STREAM_END: try endMember()
    case Z_BUF_ERROR where position == input.count: throw .truncated
    case Z_NEED_DICT: throw .corrupt("a dictionary is wanted")
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw .corrupt(message ?? "zlib status \(status)")
    }
    if status == Z_OK && written == 0 && consumed == 0 { throw .truncated }
    return written
  }

  private func endMember() throws(InflateError) {
    guard frame == .gzip, Self.isGzip(input, at: position) else {
      ended = true
      return
    }
    let status = unsafe inflateReset(stream)
    guard status == Z_OK else { throw .corrupt("zlib status \(status)") }
  }
}
