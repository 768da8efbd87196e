/// Values in bfloat16, each rounded where it is made, with error feedback at every node.
///
/// A node's value is bf16(s), s = (left + right) + e in `Float` (for a shard, s = gradient + e), and its
/// e becomes s − bf16(s), which is exact. Added up over steps the errors of a node cancel but for the last:
/// double-pass error compensation (Tang et al. 2019, "DoubleSqueeze"), carried to a tree of any depth.
final class BFloat16Nodes: NodeArithmetic {
  var format: WireFormat { .bfloat16 }

  /// The e of the nodes that this rank makes, by the node's number; `nil` for the others.
  let residuals: [WireStorage?]
  private let shardCount: Int

  /// No errors yet.
  init(_ layout: ReductionLayout, bucket: Int, rank: Int) {
    shardCount = layout.shardCount
    residuals = (0..<(2 * shardCount)).map { number in
      guard number > 0 else { return nil }
      let count = layout.elements(
        of: ShardNode(number: number, shardCount: layout.shardCount), bucket: bucket, rank: rank
      )?.count
      return count.map { WireStorage(zeros: $0) }
    }
  }

  private func residual(_ node: ShardNode) -> WireStorage {
    guard let residual = residuals[node.number(shardCount: shardCount)] else {
      preconditionFailure("another rank makes this node")
    }
    return residual
  }

  func begin(shard: Int, _ gradient: Span<Float>, in target: WireStorage) {
    target.round(gradient, residual: residual(ShardNode(level: 0, index: shard)))
  }

  func add(shard: Int, _ gradient: Span<Float>, to target: WireStorage) {
    let leaf = ShardNode(level: 0, index: shard)
    target.addRounded(gradient, residual: residual(leaf), sumResidual: residual(leaf.parent))
  }

  func sum(
    _ node: ShardNode, _ elements: Range<Int>, left: NodePlace, right: NodePlace,
    into target: NodePlace
  ) {
    let residual = NodePlace(memory: residual(node), start: elements.lowerBound)
    if left.memory === target.memory && left.start == target.start {
      target.addRounded(right, elements.count, residual: residual)
    } else {
      target.round(sumOf: left, right, elements.count, residual: residual)
    }
  }

  func copy(_ count: Int, from source: NodePlace, to target: NodePlace) {
    target.copyBFloat16(source, count)
  }

  func write(_ values: WireStorage, to sum: inout MutableSpan<Float>, at start: Int) {
    values.writeBFloat16(to: &sum, at: start)
  }
}
