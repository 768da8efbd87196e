/// The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4), as TFRecord files carry it.
enum CRC32C {
  /// The remainders of all bytes by the reversed polynomial.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in
      rest & 1 == 1 ? (rest >> 1) ^ 0x82F6_3B78 : rest >> 1
    }
  }

  /// The checksum of bytes.
  ///
  /// - Complexity: O(bytes), a table look-up each.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let table = table.span
    var rest = UInt32.max
    for byte in bytes { rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ (rest >> 8) }
    return ~rest
  }

  /// The checksum as TFRecord stores it: turned by 15 bits and moved, so that the checksum of bytes
  /// that hold checksums stays a good one.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = of(bytes)
    return ((checksum >> 15) | (checksum << 17)) &+ 0xA282_EAD8
  }
}
