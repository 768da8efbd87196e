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
    try orderedSum(ofShards: values, shardCount: shardCount, width: width, flag: nil).sum
  }

  /// As ``orderedSum(ofShards:shardCount:width:)``, with a few bits of every rank in the same exchange:
  /// agreement on what to do next, for the price of none.
  /// - Parameters:
  ///   - values: The numbers of this rank's shards, `width` a shard, shard by shard.
  ///   - shardCount: V, a power of two.
  ///   - width: How many numbers a shard has.
  ///   - flag: What this rank says; a rank without shards says something too.
  /// - Returns: The `width` sums, whose bits no flag changes, and the bits that any rank said.
  /// - Throws: ``MPIError``.
  public func orderedSum<Element: Wire & BinaryFloatingPoint>(
    ofShards values: [Element], shardCount: Int, width: Int = 1, flag: UInt8
  ) throws -> (sum: [Element], flags: UInt8) {
    try orderedSum(ofShards: values, shardCount: shardCount, width: width, flag: .some(flag))
  }

  /// One exchange: a rank's numbers, and its flag, if there is one, as another number after them.
  private func orderedSum<Element: Wire & BinaryFloatingPoint>(
    ofShards values: [Element], shardCount: Int, width: Int, flag: UInt8?
  ) throws -> (sum: [Element], flags: UInt8) {
    precondition(
      shardCount > 0 && shardCount & (shardCount - 1) == 0,
      "the number of shards is a power of two, not \(shardCount)")
    let own = flag.map { [Element($0)] } ?? []
    let counts = (0..<size).map {
      ShardTree.shards(ofRank: $0, ranks: size, shardCount: shardCount).count * width + own.count
    }
    precondition(
      values.count + own.count == counts[rank], "not \(width) numbers for each shard of this rank")
    var all = [Element](repeating: .zero, count: counts.reduce(0, +))
    var span = all.mutableSpan
    try allGather((values + own).span, into: &span, counts: counts)
    var sums: [Element] = []
    var flags: UInt8 = 0
    var start = 0
    for count in counts {
      let end = start + count - own.count
      sums += all[start..<end]
      if !own.isEmpty { flags |= UInt8(all[end]) }
      start += count
    }
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
    return (Array(sums.prefix(width)), flags)
  }
}
