internal import CZlib

/// What can be wrong with gzip data.
enum GzipError: Error, Equatable {
  /// The data end in the middle of a member.
  case truncated
  /// The data are no gzip, or their checksum is wrong; zlib's words.
  case corrupt(String)
}

/// Decompresses gzip data piece by piece, never more than was asked for.
///
/// Members that follow one another (as `pigz` and `bgzip` write) read as one; bytes behind the last
/// member that do not start another are ignored, as `gzip` ignores them.
///
/// zlib's stream must not move in memory, so it lives on the heap and this class owns it; all
/// pointers into `input` and the output live for one call only.
@safe
final class GzipReader {
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: [UInt8]
  private var position = 0
  private var ended = false

  /// Starts to read `input`.
  init(_ input: [UInt8]) throws(GzipError) {
    self.input = input
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe segmpi_inflate_init_gzip(stream)
    guard status == Z_OK else { throw .corrupt("zlib status \(status)") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  /// Whether `bytes` start as gzip does.
  static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
  }

  /// The next `count` bytes, fewer where the data end properly.
  ///
  /// Memory grows with what is really there, not with `count`.
  func read(atMost count: Int) throws(GzipError) -> [UInt8] {
    var output: [UInt8] = []
    while output.count < count && !ended {
      let piece = try readPiece(atMost: min(count - output.count, max(1 << 16, output.count)))
      output.append(contentsOf: piece)
    }
    return output
  }

  /// Whether all data, the checksum included, have been read.
  var isAtEnd: Bool { ended }

  private func readPiece(atMost count: Int) throws(GzipError) -> [UInt8] {
    // zlib counts in 32 bits.
    let available = min(input.count - position, Int(UInt32.max))
    let room = min(count, Int(UInt32.max))
    var status = Z_OK
    var consumed = 0
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { target, written in
      unsafe input.withUnsafeBufferPointer { source in
        // inflate reads through `next_in` and never writes; C has no const there.
        unsafe stream.pointee.next_in = source.baseAddress.map {
          unsafe UnsafeMutablePointer(mutating: $0 + position)
        }
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out = target.baseAddress
        unsafe stream.pointee.avail_out = UInt32(room)
        status = unsafe inflate(stream, Z_NO_FLUSH)
        consumed = unsafe available - Int(stream.pointee.avail_in)
        written = unsafe room - Int(stream.pointee.avail_out)
      }
    }
    position += consumed
    switch status {
    case Z_OK: break
    case Z_STREAM_END: try endMember()
    case Z_BUF_ERROR where position == input.count: throw .truncated
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
      throw .corrupt(message ?? "zlib status \(status)")
    }
    if status == Z_OK && piece.isEmpty && position == input.count { throw .truncated }
    return piece
  }

  private func endMember() throws(GzipError) {
    guard
      position + 2 <= input.count, input[position] == 0x1F, input[position + 1] == 0x8B
    else {
      ended = true
      return
    }
    let status = unsafe inflateReset(stream)
    guard status == Z_OK else { throw .corrupt("zlib status \(status)") }
  }
}

/// Compresses to gzip.
enum Gzip {
  /// The checksum of gzip, zip and PNG (CRC-32, ISO 3309).
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { source in
      UInt32(truncatingIfNeeded: unsafe crc32_z(0, source.baseAddress, source.count))
    }
  }

  /// `bytes` as one gzip member without name and time: equal content gives equal bytes.
  ///
  /// `level` is zlib's, from 1 (fast) to 9 (small).
  static func compress(_ bytes: [UInt8], level: Int32 = 6) throws(GzipError) -> [UInt8] {
    var stream = unsafe z_stream()
    var status = unsafe segmpi_deflate_init_gzip(&stream, level)
    guard status == Z_OK else { throw .corrupt("zlib status \(status)") }
    defer { unsafe deflateEnd(&stream) }
    var output: [UInt8] = []
    var position = 0
    repeat {
      let available = min(bytes.count - position, 1 << 30)
      let flush = position + available == bytes.count ? Z_FINISH : Z_NO_FLUSH
      let room = max(1 << 16, bytes.count / 4)
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: min(room, 1 << 30)) {
        target, written in
        unsafe bytes.withUnsafeBufferPointer { source in
          unsafe stream.next_in = source.baseAddress.map {
            unsafe UnsafeMutablePointer(mutating: $0 + position)
          }
          unsafe stream.avail_in = UInt32(available)
          unsafe stream.next_out = target.baseAddress
          unsafe stream.avail_out = UInt32(target.count)
          status = unsafe deflate(&stream, flush)
          position += unsafe available - Int(stream.avail_in)
          written = unsafe target.count - Int(stream.avail_out)
        }
      }
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        throw .corrupt("zlib status \(status)")
      }
      output.append(contentsOf: piece)
    } while status != Z_STREAM_END
    return output
  }
}
