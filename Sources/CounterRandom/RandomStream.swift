/// A stream of random numbers named by what it is for, never by who draws it.
///
/// `RandomStream(seed: 1, "augmentation", epoch, subject)` is the same stream on every rank, in
/// every order of execution, and after every restart. Streams with different names are
/// statistically independent; the name is folded into 128 bits (a 64-bit key and the upper half of
/// the counter), the lower half counts draws.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private let stream: UInt64
  private var position: UInt64 = 0
  private var block = SIMD4<UInt32>()
  private var used = 4

  /// Opens the stream called `purpose`, refined by `coordinates` (epoch, step, shard, …).
  public init(seed: UInt64, _ purpose: String, _ coordinates: Int...) {
    self.init(seed: seed, purpose: purpose, coordinates: coordinates)
  }

  /// Opens the stream called `purpose`, refined by `coordinates`, given as an array.
  public init(seed: UInt64, purpose: String, coordinates: [Int]) {
    var name = NameHash()
    for byte in purpose.utf8 { name.fold(UInt64(byte)) }
    // The length keeps ("ab", 1) and ("a", …) apart whatever the coordinates are.
    name.fold(UInt64(purpose.utf8.count))
    for coordinate in coordinates { name.fold(UInt64(bitPattern: Int64(coordinate))) }
    let keyBits = NameHash.mix(seed ^ name.a)
    key = SIMD2(UInt32(truncatingIfNeeded: keyBits), UInt32(truncatingIfNeeded: keyBits >> 32))
    stream = NameHash.mix(name.b &+ seed)
  }

  /// Whether the next word begins a block of four.
  var isAtBlock: Bool { used == 4 }

  /// The next four words at once, where none of the block before is left.
  mutating func nextBlock() -> SIMD4<UInt32> {
    defer { position &+= 1 }
    return Philox.block(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)),
      key: key)
  }

  /// The next four blocks at once, where none of the block before is left.
  @inline(__always)
  mutating func nextFourBlocks() -> (
    SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>, SIMD4<UInt64>
  ) {
    defer { position &+= 4 }
    return Philox.fourBlocks(position: position, stream: stream, key: key)
  }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if used == 4 {
      block = nextBlock()
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let low = UInt64(next32())
    return low | UInt64(next32()) << 32
  }

  /// A number in [0, 1), a multiple of 2^-24.
  public mutating func uniform() -> Float {
    Float(next32() >> 8) * 0x1p-24
  }

  /// A number in [range.lowerBound, range.upperBound).
  public mutating func uniform(in range: Range<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in `0..<bound`, without bias (Lemire's rejection).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "bound must be positive")
    return Int.random(in: 0..<bound, using: &self)
  }
}

/// Folds words into 128 bits with two differently seeded multiply-xorshift chains.
private struct NameHash {
  var a: UInt64 = 0x243F_6A88_85A3_08D3
  var b: UInt64 = 0x1319_8A2E_0370_7344

  mutating func fold(_ word: UInt64) {
    a = Self.mix(a ^ word)
    b = Self.mix(b &+ word &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64 bits.
  static func mix(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
