import CounterRandom
import Testing

@Suite("Words in bulk")
struct WordFillTests {
  @Test("are those of one call after another", arguments: [0, 1, 3, 4, 5, 15, 16, 17, 40, 515])
  func equal(count: Int) {
    for before in 0..<5 {
      var single = RandomStream(seed: 9, "test", count)
      var bulk = single
      for _ in 0..<before { #expect(single.next32() == bulk.next32()) }
      var words = [UInt32](repeating: 0, count: count)
      var span = words.mutableSpan
      bulk.fillWords(&span)
      #expect(words == (0..<count).map { _ in single.next32() })
      #expect(bulk.next() == single.next())
    }
  }
}
