import Testing

@testable import DistTrainer

@Suite("Who sees what")
struct OrderTests {
  @Test("every pass visits every subject once, in an order of its own", arguments: 1...9)
  func permutations(count: Int) {
    var order = SubjectOrder(count: count, seed: 3, fold: 1)
    var passes: Set<[Int]> = []
    for pass in 0..<20 {
      let draws = (0..<count).map { order.subject(ofDraw: pass * count + $0) }
      #expect(draws.sorted() == Array(0..<count))
      passes.insert(draws)
    }
    if count > 3 { #expect(passes.count > 10) }
  }

  @Test("a draw does not depend on the draws before it, but on seed and fold")
  func randomAccess() {
    var forward = SubjectOrder(count: 7, seed: 3, fold: 1)
    let draws = (0..<70).map { forward.subject(ofDraw: $0) }
    var backward = SubjectOrder(count: 7, seed: 3, fold: 1)
    #expect((0..<70).reversed().map { backward.subject(ofDraw: $0) } == draws.reversed())
    for (seed, fold) in [(4, 1), (3, 2)] as [(UInt64, Int)] {
      var other = SubjectOrder(count: 7, seed: seed, fold: fold)
      #expect((0..<70).map { other.subject(ofDraw: $0) } != draws)
    }
  }
}
