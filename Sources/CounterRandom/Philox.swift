/// The Philox4x32-10 block function: 128 random bits as a pure function of a counter and a key.
///
/// A draw depends on nothing but its counter, so that any rank may compute any draw and obtain the
/// same bits. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3"
/// (SC 2011), section 3.2; the constants are the paper's.
public enum Philox {
  /// The ten-round bijection of `counter` under `key`.
  public static func block(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let low = UInt64(counter[0]) &* 0xD251_1F53
      let high = UInt64(counter[2]) &* 0xCD9E_8D57
      counter = SIMD4(
        UInt32(truncatingIfNeeded: high >> 32) ^ counter[1] ^ key[0],
        UInt32(truncatingIfNeeded: high),
        UInt32(truncatingIfNeeded: low >> 32) ^ counter[3] ^ key[1],
        UInt32(truncatingIfNeeded: low))
    }
    return counter
  }
}
