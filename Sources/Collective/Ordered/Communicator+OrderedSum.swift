extension Communicator {
  /// Sums a few numbers of every shard over the tree of ``OrderedReducer``: losses, counts,
  /// running statistics.
  ///
  /// Collective. Gathers all shards' numbers on every rank and adds them up there: for many
  /// numbers, use the reducer.
  /// - Parameters:
  ///   - values: The numbers of this rank's shards, `width` a shard, shard by shard.
  ///   - shardCount: V, a power of two.
  ///   - width: How many numbers a shard has.
  /// - Returns: The `width` sums, the same bits on every rank and for every number of ranks.
  /// - Throws: ``MPIError``.
  public func orderedSum<Element: Wire & BinaryFloatingPoint>(
    ofShards values: [Element], shardCount: Int, width: Int = 1
  ) throws -> [Element] {
    precondition(
      shardCount > 0 && shardCount & (shardCount - 1) == 0,
      "the number of shards is a power of two, not \(shardCount)")
    let counts = (0..<size).map {
      ShardTree.shards(ofRank: $0, ranks: size, shardCount: shardCount).count * width
    }
    precondition(values.count == counts[rank], "not \(width) numbers for each shard of this rank")
    var sums = [Element](repeating: .zero, count: shardCount * width)
    var all = sums.mutableSpan
    try allGather(values.span, into: &all, counts: counts)
    var remaining = shardCount
    while remaining > 1 {
      remaining /= 2
      for node in 0..<remaining {
        for index in 0..<width {
          sums[node * width + index] =
            sums[2 * node * width + index] + sums[(2 * node + 1) * width + index]
        }
      }
    }
    return Array(sums.prefix(width))
  }
}
