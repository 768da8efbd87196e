import Testing

@testable import DistTrainer

@Suite("Who trains what")
struct FoldSchedulerTests {
  private typealias Standing = FoldScheduler.Standing

  @Test("the first folds begin side by side, each led by its lowest rank", arguments: 1...9)
  func begin(ranks: Int) {
    for count in 1...6 {
      let folds = (0..<count).map { 2 * $0 + 1 }
      var scheduler = FoldScheduler(folds: folds, shards: 4)
      let groups = scheduler.begin(ranks: ranks)
      #expect(groups.map(\.fold) == Array(folds.prefix(ranks)))
      #expect(groups.flatMap(\.ranks) == Array(0..<ranks))
      #expect(groups.map { $0.ranks[0] } == FoldScheduler.leaders(folds: count, ranks: ranks))
      let sizes = groups.map(\.ranks.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      #expect(scheduler.waiting == Array(folds.dropFirst(ranks)))
    }
  }

  @Test("every fold is trained once, whoever ends first", arguments: [1, 2, 3, 5])
  func queue(ranks: Int) throws {
    var scheduler = FoldScheduler(folds: Array(0..<7), shards: 4)
    var begun = scheduler.begin(ranks: ranks).map(\.fold)
    while !scheduler.isOver {
      let fold = try #require(scheduler.training.keys.max { ($0 * 5) % 7 < ($1 * 5) % 7 })
      let its = scheduler.training[fold]
      if let next = scheduler.ended(fold) {
        #expect(next.ranks == its)
        begun.append(next.fold)
      }
    }
    #expect(begun == Array(0..<7))
    #expect(scheduler.free == Array(0..<ranks))
  }

  @Test("free ranks go to the fold with most to do, as far as its steps become shorter")
  func grant() {
    var scheduler = FoldScheduler(folds: [0, 1, 2], shards: 4)
    _ = scheduler.begin(ranks: 6)
    #expect(scheduler.ended(1) == nil)
    #expect(scheduler.free == [2, 3])
    let standings = [
      0: Standing(remainingSteps: 100, secondsPerStep: 1),
      2: Standing(remainingSteps: 300, secondsPerStep: 1),
    ]
    // Fold 2 needs them more.
    #expect(scheduler.grant(to: 0, standings: standings) == [])
    // Four shards over two ranks or three take the same time; over four, half of it.
    #expect(scheduler.grant(to: 2, standings: standings) == [2, 3])
    #expect(scheduler.training[2] == [4, 5, 2, 3])
    #expect(scheduler.free == [])
    // Later, fold 2 has as many ranks as shards: what is set free goes to nobody.
    #expect(scheduler.ended(0) == nil)
    #expect(scheduler.grant(to: 2, standings: standings) == [])
    #expect(scheduler.ended(2) == nil)
    #expect(scheduler.isOver && scheduler.free == [0, 1, 2, 3, 4, 5])
  }

  @Test("ranks that would save less than their move costs stay where they are")
  func minimumGain() {
    for (steps, joins) in [(7, false), (9, true)] {
      var scheduler = FoldScheduler(folds: [0, 1], shards: 2, minimumGain: 2)
      _ = scheduler.begin(ranks: 2)
      _ = scheduler.ended(0)
      // Half of the time is saved.
      let standings = [1: Standing(remainingSteps: steps, secondsPerStep: 0.5)]
      #expect(scheduler.grant(to: 1, standings: standings) == (joins ? [0] : []))
    }
  }

  @Test("without elasticity nobody joins a fold, and those that wait begin all the same")
  func inelastic() {
    var scheduler = FoldScheduler(folds: [0, 1, 2], shards: 4, isElastic: false)
    _ = scheduler.begin(ranks: 2)
    #expect(scheduler.ended(0)?.ranks == [0])
    #expect(scheduler.ended(1) == nil)
    #expect(scheduler.grant(to: 2, standings: [:]) == [])
    #expect(scheduler.free == [1])
  }

  @Test("after a wish to stop no fold begins")
  func stop() {
    var scheduler = FoldScheduler(folds: [0, 1, 2], shards: 4)
    _ = scheduler.begin(ranks: 1)
    scheduler.stop()
    #expect(!scheduler.isOver)
    #expect(scheduler.ended(0) == nil)
    #expect(scheduler.isOver)
  }
}
