import CollectiveProbe
import CounterRandom
import Testing

@testable import Collective

@Suite("Ordered all-reduce")
struct OrderedReducerTests {
  @Test("One result on 1 to 9 ranks, whatever the sizes", arguments: 1...9)
  func oneResult(ranks: Int) throws {
    for shardCount in [1, 2, 4, 8, 16] {
      var random = RandomStream(seed: 1, "sizes of ordered sums", ranks, shardCount)
      let elementCount = random.integer(below: 300)
      let serial = try Laws.checkOrderedSum(
        on: SerialCommunicator(), shardCount: shardCount, elementCount: elementCount, steps: 3)
      let results = try InProcessCommunicator.run(ranks: ranks) { world in
        try Laws.checkOrderedSum(
          on: world, shardCount: shardCount, elementCount: elementCount, steps: 3)
      }
      #expect(
        results == [[UInt32]](repeating: serial, count: ranks),
        "\(shardCount) shards of \(elementCount) elements")
    }
  }

  @Test("The order matters: the test's numbers sum to other bits from left to right")
  func orderMatters() {
    let tree = Laws.treeSum(0..<8) { Laws.gradient(0, $0, 64) }
    var running = Laws.gradient(0, 0, 64)
    for shard in 1..<8 { running = zip(running, Laws.gradient(0, shard, 64)).map { $0 + $1 } }
    #expect(zip(tree, running).count { $0.bitPattern != $1.bitPattern } > 16)
  }

  @Test("Every shard has one owner, in order", arguments: 1...9)
  func owners(ranks: Int) {
    for shardCount in [1, 2, 4, 8, 16] {
      let owned = (0..<ranks).flatMap {
        Array(OrderedReducer.shards(ofRank: $0, ranks: ranks, shardCount: shardCount))
      }
      #expect(owned == Array(0..<shardCount))
    }
  }

  @Test("A range leaves its maximal nodes: worked by hand for 8 shards on 3 ranks")
  func nodes() {
    // [0, 2) is node 0 of level 1; [2, 5) is node 1 of level 1 and leaf 4; [5, 8) is leaf 5 and
    // node 3 of level 1.
    let remaining = (0..<3).map {
      ShardTree.nodes(of: ShardTree.shards(ofRank: $0, ranks: 3, shardCount: 8))
    }
    #expect(
      remaining == [
        [ShardNode(level: 1, index: 0)],
        [ShardNode(level: 1, index: 1), ShardNode(level: 0, index: 4)],
        [ShardNode(level: 0, index: 5), ShardNode(level: 1, index: 3)],
      ])
    #expect(ShardTree.nodes(of: 0..<16) == [ShardNode(level: 4, index: 0)])
    #expect(ShardTree.nodes(of: 3..<3).isEmpty)
  }

  @Test("A walk needs as many buffers as it says", arguments: [0..<1, 0..<8, 2..<5, 5..<8, 3..<3])
  func depth(shards: Range<Int>) {
    let depth = TreeStack.depth(of: shards)
    var stack = TreeStack(
      buffers: (0..<depth).map { _ in WireStorage(floatCount: 100) }, arithmetic: Float32Nodes())
    for _ in 0..<2 {
      var deepest = 0
      for shard in shards {
        stack.push(shard: shard, Laws.gradient(0, shard, 100).span)
        deepest = max(deepest, stack.nodes.count)
      }
      #expect(stack.nodes == ShardTree.nodes(of: shards))
      #expect(deepest <= depth && depth <= deepest + 1)
      stack.removeAll()
    }
  }

  @Test("Parts of huge counts do not overflow")
  func hugeParts() {
    let parts = (0..<7).map { ShardTree.part($0, of: 7, count: Int.max) }
    #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == Int.max)
    for (part, next) in zip(parts, parts.dropFirst()) {
      #expect(part.upperBound == next.lowerBound)
      #expect(abs(part.count - next.count) <= 1)
    }
  }
}
