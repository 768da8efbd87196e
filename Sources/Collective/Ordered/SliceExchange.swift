/// The part of the ordered all-reduce that crosses ranks: exchange by slices, sum, gather.
///
/// Rank d finishes slice d of the elements. Round j of the exchange moves the j-th remaining node
/// of every rank, whose buffer already lies in slice order, so nothing is packed.
struct SliceExchange {
  // The nodes that remain on each rank, from left to right.
  private let nodes: [[ShardNode]]
  private let slices: [Int]
  private let ownSlice: Range<Int>
  // What a rank without a node in a round sends.
  private let nothing: [Int]
  // For each round: how much comes from each rank, and what it comes to.
  private let rounds: [(counts: [Int], total: Int)]
  // Slice d of every node, node by node in the tree's order once all rounds are over.
  private var received: [[Float]]
  private var stack: TreeStack

  // Long enough to amortize the loops' set-up, short enough that the partial sums stay in cache.
  private static let blockLength = 4096

  init(_ communicator: any Communicator, shardCount: Int, elementCount: Int) {
    let ranks = communicator.size
    let nodes = (0..<ranks).map { rank in
      ShardTree.nodes(
        of: ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount))
    }
    let ownSlice = ShardTree.part(communicator.rank, of: ranks, count: elementCount)
    let roundCount = nodes.map(\.count).max() ?? 0
    self.nodes = nodes
    self.ownSlice = ownSlice
    slices = (0..<ranks).map { ShardTree.part($0, of: ranks, count: elementCount).count }
    nothing = [Int](repeating: 0, count: ranks)
    rounds = (0..<roundCount).map { round in
      let counts = nodes.map { round < $0.count ? ownSlice.count : 0 }
      return (counts, counts.reduce(0, +))
    }
    received = rounds.map { [Float](repeating: 0, count: $0.total) }
    stack = TreeStack(width: min(Self.blockLength, ownSlice.count))
  }

  /// Sums the nodes of all ranks.
  /// - Parameters:
  ///   - own: This rank's remaining nodes.
  ///   - sum: Receives the root of the tree.
  ///   - communicator: The ranks.
  /// - Throws: ``MPIError``.
  mutating func sum(
    _ own: TreeStack, into sum: inout MutableSpan<Float>, over communicator: any Communicator
  ) throws {
    let empty: [Float] = []
    for round in rounds.indices {
      let isSending = round < own.nodes.count
      let outgoing = isSending ? own.value(at: round) : empty
      var incoming = received[round].mutableSpan
      try communicator.allToAll(
        outgoing.span, counts: isSending ? slices : nothing, into: &incoming,
        received: rounds[round].counts)
    }
    var start = 0
    while start < ownSlice.count {
      let block = start..<min(start + Self.blockLength, ownSlice.count)
      addUp(block)
      let root = stack.value(at: 0)
      var target = sum._mutatingExtracting(
        (ownSlice.lowerBound + start)..<(ownSlice.lowerBound + block.upperBound))
      copy(root.span.extracting(0..<block.count), to: &target)
      stack.removeAll()
      start = block.upperBound
    }
    try communicator.allGather(inPlace: &sum, counts: slices)
  }

  /// Walks the tree over one block of the own slice.
  private mutating func addUp(_ block: Range<Int>) {
    for rank in nodes.indices {
      for (round, node) in nodes[rank].enumerated() {
        // The ranks before this one that take part in the round.
        var place = 0
        for other in 0..<rank where nodes[other].count > round { place += 1 }
        let offset = place * ownSlice.count
        let values = received[round]
        stack.push(
          node,
          values.span.extracting((offset + block.lowerBound)..<(offset + block.upperBound)))
      }
    }
  }
}
