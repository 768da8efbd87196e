extension RandomStream {
  /// Fills `output` with random words: those that as many calls of ``next32()`` would give, several
  /// times as fast.
  public mutating func fillWords(_ output: inout MutableSpan<UInt32>) {
    var index = 0
    while index < output.count, !isAtBlock {
      output[index] = next32()
      index += 1
    }
    while output.count - index >= 16 {
      let words = nextFourBlocks()
      for block in 0..<4 {
        output[index] = UInt32(truncatingIfNeeded: words.0[block])
        output[index + 1] = UInt32(truncatingIfNeeded: words.1[block])
        output[index + 2] = UInt32(truncatingIfNeeded: words.2[block])
        output[index + 3] = UInt32(truncatingIfNeeded: words.3[block])
        index += 4
      }
    }
    while index < output.count {
      output[index] = next32()
      index += 1
    }
  }
}

extension Philox {
  /// Four blocks side by side, of the counters that follow `position` under `stream`: the first word
  /// of each, the second, the third, the fourth. Words stand in the lower halves of their lanes.
  @inline(__always)
  static func fourBlocks(
    position: UInt64, stream: UInt64, key: SIMD2<UInt32>
  ) -> (SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>) {
    let mask: UInt64 = 0xFFFF_FFFF
    let positions = SIMD4(position, position &+ 1, position &+ 2, position &+ 3)
    var (a, b) = (positions & mask, positions &>> 32)
    var c = SIMD4<UInt64>(repeating: stream & mask)
    var d = SIMD4<UInt64>(repeating: stream >> 32)
    var keys = (UInt64(key[0]), UInt64(key[1]))
    for _ in 0..<10 {
      let low = (a & mask) &* 0xD251_1F53
      let high = (c & mask) &* 0xCD9E_8D57
      a = (high &>> 32) ^ b ^ keys.0
      b = high & mask
      c = (low &>> 32) ^ d ^ keys.1
      d = low & mask
      keys = ((keys.0 &+ 0x9E37_79B9) & mask, (keys.1 &+ 0xBB67_AE85) & mask)
    }
    return (a, b, c, d)
  }
}
