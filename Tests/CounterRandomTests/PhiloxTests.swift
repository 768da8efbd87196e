import CounterRandom
import Testing

@Suite("Philox4x32-10")
struct PhiloxTests {
  /// The known-answer vectors that the Random123 distribution publishes (`kat_vectors`).
  @Test(
    "agrees with the published known answers",
    arguments: [
      (
        SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
        SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
        SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
        SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ])
  func knownAnswers(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>
  ) {
    #expect(Philox.block(counter: counter, key: key) == expected)
  }

  @Test("a stream is a function of its name alone")
  func named() {
    var first = RandomStream(seed: 7, "patch", 3, 4)
    var again = RandomStream(seed: 7, "patch", 3, 4)
    var others = [
      RandomStream(seed: 8, "patch", 3, 4), RandomStream(seed: 7, "patc", 3, 4),
      RandomStream(seed: 7, "patch", 4, 3), RandomStream(seed: 7, "patch", 3),
    ]
    for _ in 0..<9 {
      let value = first.next()
      #expect(value == again.next())
      for index in others.indices {
        let other = others[index].next()
        #expect(value != other)
      }
    }
  }

  @Test("uniform and normal draws have the moments of their distributions")
  func moments() {
    let count = 200_000
    var stream = RandomStream(seed: 1, "moments")
    var uniformSum = 0.0
    var normalSum = 0.0
    var normalSquares = 0.0
    var allInside = true
    for _ in 0..<count {
      let uniform = Double(stream.uniform())
      allInside = allInside && (0..<1).contains(uniform)
      uniformSum += uniform
      let normal = Double(stream.normal())
      normalSum += normal
      normalSquares += normal * normal
    }
    #expect(allInside)
    // Five standard errors each.
    #expect(abs(uniformSum / Double(count) - 0.5) < 5 * 0.2887 / Double(count).squareRoot())
    #expect(abs(normalSum / Double(count)) < 5 / Double(count).squareRoot())
    #expect(abs(normalSquares / Double(count) - 1) < 5 * 1.4143 / Double(count).squareRoot())
  }
}
