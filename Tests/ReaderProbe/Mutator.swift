import CounterRandom

/// Changes files at random: the same seed, the same changes.
struct Mutator {
  private var stream: RandomStream
  /// Numbers that are at borders of types, and words that headers know.
  private static let words: [[UInt8]] =
    [
      [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0], [0xFF, 0x7F],
    ]
    + [
      "-1", "0", "99999999999", "9223372036854775807", "nan", "inf", "none", "LIST", "%d", "raw",
      "gzip", "text", "hex", "True", "LOCAL", "\n", " ", "(", ")", ",", ":", "=",
    ].map { Array($0.utf8) }

  /// The changes that belong to `seed` and `index`.
  init(seed: UInt64, index: Int) {
    stream = RandomStream(seed: seed, "mutated files", index)
  }

  /// One of `seeds`, changed in one to five places, now and then spliced with another or cut short.
  mutating func mutate(_ seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds[stream.integer(below: seeds.count)]
    if stream.integer(below: 16) == 0 {
      let other = seeds[stream.integer(below: seeds.count)]
      bytes = Array(bytes.prefix(place(in: bytes)) + other.suffix(place(in: other)))
    }
    for _ in 0...stream.integer(below: 5) where !bytes.isEmpty {
      let place = place(in: bytes)
      switch stream.integer(below: 6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: stream.next32())
      case 1: bytes[place] ^= 1 << UInt8(stream.integer(below: 8))
      case 2: bytes.insert(UInt8(truncatingIfNeeded: stream.next32()), at: place)
      case 3: bytes.remove(at: place)
      case 4:
        let word = Self.words[stream.integer(below: Self.words.count)]
        bytes.replaceSubrange(place..<min(place + word.count, bytes.count), with: word)
      default:
        let word = Self.words[stream.integer(below: Self.words.count)]
        bytes.insert(contentsOf: word, at: place)
      }
    }
    if stream.integer(below: 8) == 0 { bytes.removeLast(place(in: bytes)) }
    return bytes
  }

  /// A place in `bytes`, every other time among the first 400, where headers are.
  private mutating func place(in bytes: [UInt8]) -> Int {
    guard !bytes.isEmpty else { return 0 }
    let isEarly = stream.integer(below: 2) == 0
    return stream.integer(below: isEarly ? min(400, bytes.count) : bytes.count)
  }
}
