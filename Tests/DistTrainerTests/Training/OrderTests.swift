import Testing

@testable import DistTrainer

@Suite("Who sees what, and who trains what")
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

  @Test("every fold is trained by exactly one group, led by its lowest rank", arguments: 1...9)
  func schedule(ranks: Int) {
    for count in 1...6 {
      let folds = (0..<count).map { 2 * $0 + 1 }
      let schedule = FoldSchedule(folds: folds, ranks: ranks)
      let groups = 0..<schedule.groupCount
      #expect(schedule.groupCount == min(ranks, count))
      #expect(groups.flatMap { schedule.folds(ofGroup: $0) }.sorted() == folds)
      let members = groups.map { group in
        (0..<ranks).filter { schedule.group(ofRank: $0) == group }
      }
      #expect(members.flatMap(\.self) == Array(0..<ranks))
      for (group, ranks) in zip(groups, members) {
        #expect(schedule.leader(ofGroup: group) == ranks.first)
        #expect(ranks.last.map { $0 - ranks[0] + 1 } == ranks.count)
      }
      let sizes = members.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      let loads = groups.map { schedule.folds(ofGroup: $0).count }
      #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
      #expect(schedule.leader(ofGroup: 0) == 0)
    }
  }
}
