/// Sums the shards of a global batch over all ranks to the same bits, however many ranks there are.
///
/// The V shards (a power of two) are the leaves of one fixed binary tree. Rank p of P owns the
/// shards [pV/P, (p+1)V/P) and adds theirs up as far as the tree's nodes lie inside its range. The
/// nodes that remain are exchanged by element ranges (each rank receives its range of every node),
/// added up there in the tree's order, and the finished ranges are gathered everywhere. Every
/// element is thus the same expression in the same order on 1 rank or 100, whatever the library's
/// own reductions would do. Where P divides V, the traffic is that of a ring all-reduce.
///
/// ```swift
/// var reducer = OrderedReducer(communicator: world, shardCount: 8, elementCount: gradient.count)
/// for shard in reducer.ownShards { reducer.add(shard: shard, gradient(of: shard).span) }
/// try reducer.finish(into: &sum)  // ready for the next step
/// ```
///
/// Its buffers are made in the first step and kept: log2(V/P) + 1 times the elements, and for
/// P > 1 as much again for what a rank receives.
public struct OrderedReducer: ~Copyable {
  /// The shards that this rank adds, in ascending order.
  public let ownShards: Range<Int>
  /// The number of elements of a gradient.
  public let elementCount: Int
  /// The next shard to be added; the end of ``ownShards`` when all are.
  public private(set) var nextShard: Int

  private let communicator: any Communicator
  private var stack: TreeStack
  private var exchange: SliceExchange?

  /// A reducer for gradients of one size.
  /// - Parameters:
  ///   - communicator: The ranks that own the shards; all make an equal reducer.
  ///   - shardCount: V, a power of two.
  ///   - elementCount: The number of elements of a gradient; may be 0 or less than P.
  public init(communicator: any Communicator, shardCount: Int, elementCount: Int) {
    precondition(
      shardCount > 0 && shardCount & (shardCount - 1) == 0,
      "the number of shards is a power of two, not \(shardCount)")
    precondition(elementCount >= 0, "a gradient has a negative size")
    self.communicator = communicator
    self.elementCount = elementCount
    ownShards = Self.shards(
      ofRank: communicator.rank, ranks: communicator.size, shardCount: shardCount)
    nextShard = ownShards.lowerBound
    stack = TreeStack(width: elementCount)
    if communicator.size > 1 {
      exchange = SliceExchange(
        communicator, shardCount: shardCount, elementCount: elementCount)
    }
  }

  /// The shards that one rank owns: `[rank V / P, (rank + 1) V / P)`; none on some ranks if P > V.
  public static func shards(ofRank rank: Int, ranks: Int, shardCount: Int) -> Range<Int> {
    ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount)
  }

  /// Adds the gradient of the next of ``ownShards``.
  public mutating func add(shard: Int, _ gradient: Span<Float>) {
    precondition(shard == nextShard && ownShards.contains(shard), "shard \(shard) is not next")
    precondition(gradient.count == elementCount, "a gradient of another size")
    stack.push(ShardNode(level: 0, index: shard), gradient)
    nextShard += 1
  }

  /// Leaves the sum of all shards in `sum`, on every rank, and begins the next step.
  ///
  /// Collective. Every rank has added all its shards.
  /// - Throws: ``MPIError``.
  public mutating func finish(into sum: inout MutableSpan<Float>) throws {
    precondition(nextShard == ownShards.upperBound, "shard \(nextShard) was not added")
    precondition(sum.count == elementCount, "a sum of another size")
    if exchange == nil {
      copy(stack.value(at: 0).span, to: &sum)
    } else {
      try exchange?.sum(stack, into: &sum, over: communicator)
    }
    reset()
  }

  /// Forgets what was added since the last step.
  public mutating func reset() {
    stack.removeAll()
    nextShard = ownShards.lowerBound
  }
}
