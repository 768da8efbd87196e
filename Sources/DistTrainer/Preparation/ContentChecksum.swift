/// A checksum of 64 bits that finds damage, as fast as memory is read; no protection from malice.
///
/// Four lanes take turns at words of eight bytes, the last 32 of a piece padded with zeros:
/// `h = rotl(h ^ word, 29) * 0x9E3779B97F4A7C15`. The lanes and the pieces' lengths are mixed the same
/// way at the end. Words are the machine's, which are little-endian wherever this runs.
struct ContentChecksum {
  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  private var lanes = SIMD4<UInt64>(1, 2, 3, 4)
  private var length: UInt64 = 0

  /// Adds a piece; the same bytes in other pieces have another checksum.
  mutating func update(_ piece: RawSpan) {
    length = Self.mix(length, UInt64(piece.byteCount))
    let whole = piece.byteCount / 32 * 32
    var lanes = lanes
    for start in stride(from: 0, to: whole, by: 32) {
      // Within the piece, and any bits are numbers.
      let words = unsafe piece.unsafeLoadUnaligned(
        fromByteOffset: start, as: SIMD4<UInt64>.self)
      lanes = Self.mix(lanes, words)
    }
    if whole < piece.byteCount {
      var words = SIMD4<UInt64>()
      for index in whole..<piece.byteCount {
        let byte = unsafe piece.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        let place = index - whole
        words[place / 8] |= UInt64(byte) << UInt64(8 * (place % 8))
      }
      lanes = Self.mix(lanes, words)
    }
    self.lanes = lanes
  }

  /// Adds bytes.
  mutating func update(_ bytes: Span<UInt8>) {
    // Bytes have no padding, which is what makes raw views of other types unsafe.
    unsafe update(bytes.bytes)
  }

  /// The checksum of all that was added.
  var value: UInt64 {
    let result = (0..<4).reduce(length) { Self.mix($0, lanes[$1]) }
    return result ^ result >> 32
  }

  private static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = sum ^ word
    return (mixed << 29 | mixed >> 35) &* factor
  }

  @inline(__always) private static func mix(
    _ lanes: SIMD4<UInt64>, _ words: SIMD4<UInt64>
  ) -> SIMD4<UInt64> {
    let mixed = lanes ^ words
    return (mixed &<< 29 | mixed &>> 35) &* factor
  }
}
