/// A node of the fixed binary tree over the shards of a global batch.
///
/// Node `index` of `level` l covers the shards `[index 2^l, (index + 1) 2^l)`; its value is the sum
/// of its left child's and its right child's, in this order.
struct ShardNode: Equatable {
  var level: Int
  var index: Int

  /// Whether `other` is the right child of the node whose left child is `self`.
  func isLeftSibling(of other: ShardNode) -> Bool {
    level == other.level && index % 2 == 0 && other.index == index + 1
  }

  var parent: ShardNode { ShardNode(level: level + 1, index: index / 2) }

  /// The shards that the node covers.
  var shards: Range<Int> { (index << level)..<((index + 1) << level) }

  /// A number in `1..<(2 shardCount)`: the root's is 1, the children's of k are 2k and 2k + 1.
  func number(shardCount: Int) -> Int { shardCount >> level + index }

  init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  /// The node with a number.
  init(number: Int, shardCount: Int) {
    let height = shardCount.trailingZeroBitCount
    let depth = Int.bitWidth - 1 - number.leadingZeroBitCount
    level = height - depth
    index = number - 1 << depth
  }
}

/// Who owns which shards, and what is left of the tree on each rank.
enum ShardTree {
  /// The shards of one rank: `[rank V / P, (rank + 1) V / P)`; empty on some ranks where P > V.
  static func shards(ofRank rank: Int, ranks: Int, shardCount: Int) -> Range<Int> {
    part(rank, of: ranks, count: shardCount)
  }

  /// Part `index` of `count` things dealt to `parts` owners in order, as evenly as can be.
  static func part(_ index: Int, of parts: Int, count: Int) -> Range<Int> {
    boundary(index, parts, count)..<boundary(index + 1, parts, count)
  }

  /// The maximal nodes inside a range of shards, from left to right.
  static func nodes(of shards: Range<Int>) -> [ShardNode] {
    var nodes: [ShardNode] = []
    for shard in shards {
      var node = ShardNode(level: 0, index: shard)
      while let left = nodes.last, left.isLeftSibling(of: node) {
        nodes.removeLast()
        node = left.parent
      }
      nodes.append(node)
    }
    return nodes
  }

  /// All nodes, level by level from the shards up, each level from left to right.
  static func allNodes(shardCount: Int) -> [ShardNode] {
    (0...shardCount.trailingZeroBitCount).flatMap { level in
      (0..<(shardCount >> level)).map { ShardNode(level: level, index: $0) }
    }
  }

  // floor(index count / parts), without overflow for any count that memory can hold.
  private static func boundary(_ index: Int, _ parts: Int, _ count: Int) -> Int {
    count / parts * index + count % parts * index / parts
  }
}
