import Testing

@testable import Collective

@Suite("Counts beyond Int32")
struct ChunkedCountTests {
  @Test(
    "Chunks cover the count in order, each within the limit",
    arguments: [
      0, 1, 999, 1000, 1001, 1 << 30, (1 << 30) + 1, Int(Int32.max), Int(Int32.max) + 1,
      5_000_000_000, 1 << 40,
    ])
  func cover(count: Int) {
    let chunked = ChunkedCount(count: count)
    var end = 0
    var chunks = 0
    for chunk in chunked {
      #expect(chunk.lowerBound == end)
      #expect(Int32(exactly: chunk.count) != nil)
      end = chunk.upperBound
      chunks += 1
      // All but the last are full, so sender and receiver cut alike.
      #expect(chunk.count == ChunkedCount.standardLimit || end == count)
    }
    #expect(end == count)
    #expect(chunks == max(1, (count + (1 << 30) - 1) >> 30))
  }

  @Test("Five billion elements are five calls")
  func example() {
    #expect(
      Array(ChunkedCount(count: 5_000_000_000)).map(\.count) == [
        1_073_741_824, 1_073_741_824, 1_073_741_824, 1_073_741_824, 705_032_704,
      ])
    #expect(Array(ChunkedCount(count: 10, limit: 4)) == [0..<4, 4..<8, 8..<10])
    #expect(Array(ChunkedCount(count: 0)) == [0..<0])
  }

  @Test("Parts of a buffer lie side by side")
  func blocks() {
    let equal = Blocks(equal: 3, elementBytes: 4)
    #expect((0..<3).map { equal.range(of: $0) } == [0..<12, 12..<24, 24..<36])
    #expect(equal.total(ranks: 3) == 36)
    let each = Blocks([2, 0, 5], elementBytes: 2)
    #expect((0..<3).map { each.range(of: $0) } == [0..<4, 4..<4, 4..<14])
    #expect(each.total(ranks: 3) == 14)
  }
}
