import Synchronization
import Testing

@testable import Volumes

@Suite("Loops on several threads")
struct ParallelLoopTests {
  @Test(
    "every index is visited once, whatever the numbers", arguments: [0, 1, 2, 7, 100], [1, 2, 5])
  func once(count: Int, threads: Int) {
    let visits = Mutex([Int](repeating: 0, count: count))
    ParallelLoop.run(count, threads: threads) { index in visits.withLock { $0[index] += 1 } }
    #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
  }

  @Test("results come in order", arguments: [1, 2, 5])
  func order(threads: Int) {
    #expect(ParallelLoop.map(50, threads: threads) { $0 * $0 } == (0..<50).map { $0 * $0 })
  }

  @Test("of several errors the one of the lowest index is thrown", arguments: [1, 2, 5])
  func errors(threads: Int) {
    struct Fault: Error, Equatable { let index: Int }
    #expect(throws: Fault(index: 3)) {
      _ = try ParallelLoop.map(50, threads: threads) { index in
        if index >= 3 { throw Fault(index: index) }
        return index
      }
    }
  }
}
