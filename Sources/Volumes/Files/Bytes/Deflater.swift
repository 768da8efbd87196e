internal import CZlib

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Compresses in parallel, to bytes that do not depend on the number of threads.
///
/// The content is cut into blocks of fixed size. Each is deflated by itself, with the 32 KiB before it
/// as dictionary, and ends on a whole byte (an empty stored block, zlib's "sync flush"), so that the
/// blocks one after another are one deflate stream: what `pigz` does. Any reader of gzip reads it.
enum Deflater {
  /// Bytes that one thread compresses at a time.
  static let blockSize = 1 << 18
  /// The threads that compress: as many as the machine has cores, at most 8. They inherit the cores
  /// that a launcher bound the process to, so that those of a rank never run on its neighbors'.
  static let threads = max(1, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
  /// How far deflate looks back.
  private static let window = 1 << 15

  /// `bytes` compressed, within `frame`; gzip without name and time: equal content is equal bytes.
  ///
  /// `level` is zlib's, from 1 (fast) to 9 (small).
  static func compress(
    _ bytes: [UInt8], _ frame: DeflateFrame, level: Int32 = 6, threads: Int = threads,
    blockSize: Int = blockSize
  ) -> [UInt8] {
    let blocks = max(1, (bytes.count + blockSize - 1) / blockSize)
    let pieces = ParallelLoop.map(blocks, threads: threads) { block in
      let range = block * blockSize..<min((block + 1) * blockSize, bytes.count)
      return Piece(bytes, range, isLast: block == blocks - 1, frame: frame, level: level)
    }
    var output: [UInt8] = []
    output.reserveCapacity(pieces.reduce(32) { $0 + $1.compressed.count })
    switch frame {
    // Deflate, no flags, no time, no hint, Unix.
    case .gzip: output += [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    case .zlib, .zlibOrGzip: output += [0x78, 0x9C]
    case .bare: break
    }
    for piece in pieces { output += piece.compressed }
    let checksum = pieces.dropFirst().reduce(pieces[0].checksum) { sum, piece in
      let length = Int(piece.length)
      let (first, second) = (UInt(sum), UInt(piece.checksum))
      return UInt32(
        truncatingIfNeeded: frame.hasAdler
          ? adler32_combine(first, second, length) : crc32_combine(first, second, length))
    }
    switch frame {
    case .gzip:
      checksum.append(to: &output, bigEndian: false)
      UInt32(truncatingIfNeeded: bytes.count).append(to: &output, bigEndian: false)
    case .zlib, .zlibOrGzip: checksum.append(to: &output, bigEndian: true)
    case .bare: break
    }
    return output
  }

  /// The checksum of gzip, zip and PNG (CRC-32, ISO 3309).
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { source in
      UInt32(truncatingIfNeeded: unsafe crc32_z(0, source.baseAddress, source.count))
    }
  }

  /// One block, compressed, with its part of the checksum.
  private struct Piece: Sendable {
    let compressed: [UInt8]
    let checksum: UInt32
    let length: Int

    init(
      _ bytes: [UInt8], _ range: Range<Int>, isLast: Bool, frame: DeflateFrame, level: Int32
    ) {
      length = range.count
      var stream = unsafe z_stream()
      // Fails for a foreign zlib or without memory only; both end the process elsewhere anyway.
      let status = unsafe segmpi_deflate_init(&stream, level)
      precondition(status == Z_OK, "zlib cannot be used (status \(status))")
      defer { unsafe deflateEnd(&stream) }
      // One call ends the block: the bound holds, with some bytes for the flush.
      let room = unsafe Int(deflateBound(&stream, UInt(range.count))) + 64
      let start = max(0, range.lowerBound - Deflater.window)
      var sum: UInt = 0
      compressed = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe [UInt8](unsafeUninitializedCapacity: room) { target, written in
          guard let base = source.baseAddress, !range.isEmpty else {
            sum = frame.hasAdler ? 1 : 0
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(room)
            unsafe deflate(&stream, Z_FINISH)
            written = unsafe room - Int(stream.avail_out)
            return
          }
          unsafe deflateSetDictionary(
            &stream, base + start, UInt32(range.lowerBound - start))
          let first = unsafe base + range.lowerBound
          unsafe sum =
            frame.hasAdler
            ? adler32_z(1, first, range.count) : crc32_z(0, first, range.count)
          // deflate reads through `next_in` and never writes; C has no const there.
          unsafe stream.next_in = UnsafeMutablePointer(mutating: first)
          unsafe stream.avail_in = UInt32(range.count)
          unsafe stream.next_out = target.baseAddress
          unsafe stream.avail_out = UInt32(room)
          unsafe deflate(&stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
          written = unsafe room - Int(stream.avail_out)
        }
      }
      checksum = UInt32(truncatingIfNeeded: sum)
    }
  }
}
