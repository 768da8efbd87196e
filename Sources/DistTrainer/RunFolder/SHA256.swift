/// The SHA-256 digest (FIPS 180-4) of bytes fed in any pieces.
///
/// Our own hundred lines rather than a cryptographic library of several hundred C and assembly
/// files: we name contents (configurations, prepared volumes, checkpoints), defend nothing, and the
/// digest can be checked anywhere with `sha256sum`.
public struct SHA256: Sendable {
  private var state: SIMD8<UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  private var block = InlineArray<64, UInt8>(repeating: 0)
  private var filled = 0
  private var length: UInt64 = 0

  /// The digest of nothing yet.
  public init() {}

  /// The digest of a text's UTF-8 bytes, as 64 hexadecimal digits.
  public static func hex(of text: String) -> String {
    var digest = SHA256()
    digest.update(Array(text.utf8).span)
    return digest.finalized()
  }

  /// Feeds bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    // Bytes have no padding, which is what makes raw views of other types unsafe.
    unsafe update(bytes.bytes)
  }

  /// Feeds the bytes of anything, for example of an arena of weights.
  ///
  /// - Complexity: O(bytes).
  public mutating func update(_ bytes: RawSpan) {
    length &+= UInt64(bytes.byteCount)
    var offset = 0
    while offset < bytes.byteCount {
      let count = min(64 - filled, bytes.byteCount - offset)
      for index in 0..<count { block[filled + index] = bytes.byte(at: offset + index) }
      filled += count
      offset += count
      if filled == 64 {
        compress()
        filled = 0
      }
    }
  }

  /// Ends the message and gives the digest as 64 hexadecimal digits.
  public consuming func finalized() -> String {
    let bits = length &* 8
    var padding: [UInt8] = [0x80]
    padding += [UInt8](repeating: 0, count: (119 - filled) % 64)
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    update(padding.span)
    return (0..<8).map { index in
      let digits = String(state[index], radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// One round of the compression function over the full block (FIPS 180-4, section 6.2.2).
  private mutating func compress() {
    var words = InlineArray<64, UInt32>(repeating: 0)
    for index in 0..<16 {
      let at = index * 4
      words[index] =
        UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16 | UInt32(block[at + 2]) << 8
        | UInt32(block[at + 3])
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let small0 = early.rotated(7) ^ early.rotated(18) ^ (early >> 3)
      let small1 = late.rotated(17) ^ late.rotated(19) ^ (late >> 10)
      words[index] = words[index - 16] &+ small0 &+ words[index - 7] &+ small1
    }
    let constants = Self.constants.span
    var v = state
    for index in 0..<64 {
      let big1 = v[4].rotated(6) ^ v[4].rotated(11) ^ v[4].rotated(25)
      let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      let first = v[7] &+ big1 &+ choice &+ constants[index] &+ words[index]
      let big0 = v[0].rotated(2) ^ v[0].rotated(13) ^ v[0].rotated(22)
      let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
      v = [first &+ big0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
    }
    state &+= v
  }

  /// The fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
    0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
    0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
    0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
    0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
    0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
    0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
    0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}

extension UInt32 {
  fileprivate func rotated(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}

extension RawSpan {
  /// The byte at an offset, which is checked against the bounds.
  fileprivate func byte(at offset: Int) -> UInt8 {
    // Every bit pattern is a byte, so nothing about the load is unsafe but its name.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }
}
