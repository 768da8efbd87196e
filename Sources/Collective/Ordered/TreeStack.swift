/// The partial sums of a walk over the shard tree from left to right: a binary counter.
///
/// Each value pushed is added to its left sibling's as soon as it is whole, so that at most
/// log2(V) + 1 partial sums are alive. Value k of those lies in buffer k.
struct TreeStack {
  private(set) var nodes: [ShardNode] = []
  private let buffers: [WireStorage]
  private let arithmetic: any NodeArithmetic

  /// - Parameters:
  ///   - buffers: One for each partial sum alive at a time (``depth(of:)``), of equal lengths.
  ///   - arithmetic: How sums are made.
  init(buffers: [WireStorage], arithmetic: any NodeArithmetic) {
    self.buffers = buffers
    self.arithmetic = arithmetic
  }

  /// The greatest number of partial sums alive at a time in a walk over `shards`.
  static func depth(of shards: Range<Int>) -> Int {
    shards.reduce(0) { depth, shard in
      // The nodes before the shard, and the shard's own value until it is added to a sibling.
      let before = ShardTree.nodes(of: shards.lowerBound..<shard)
      let merges = before.last?.isLeftSibling(of: ShardNode(level: 0, index: shard)) ?? false
      return max(depth, before.count + (merges ? 0 : 1))
    }
  }

  /// Takes in the value of the next shard.
  mutating func push(shard: Int, _ value: Span<Float>) {
    let node = ShardNode(level: 0, index: shard)
    guard let top = nodes.last, top.isLeftSibling(of: node) else {
      arithmetic.begin(shard: shard, value, in: buffers[nodes.count])
      nodes.append(node)
      return
    }
    arithmetic.add(shard: shard, value, to: buffers[nodes.count - 1])
    nodes[nodes.count - 1] = top.parent
    while nodes.count > 1, nodes[nodes.count - 2].isLeftSibling(of: nodes[nodes.count - 1]) {
      let right = nodes.count - 1
      let parent = nodes[right].parent
      let target = NodePlace(memory: buffers[right - 1])
      arithmetic.sum(
        parent, 0..<value.count, left: target, right: NodePlace(memory: buffers[right]),
        into: target)
      nodes.removeLast()
      nodes[right - 1] = parent
    }
  }

  /// Forgets all values and keeps the buffers.
  mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
  }
}
