// The errors of bfloat16 sums that are still to be made good: state of training, like momentum.
//
// They belong to nodes of the shard tree, not to ranks: a shard's go with the shard.

extension OrderedReducer {
  /// The names of the residuals, one a node of the shard tree: the shards', then their sums', up to
  /// the root's. None in `float32`. Equal for any number of ranks.
  public var residualNames: [String] {
    residualNodes.map { "wire.residual.\($0.level).\($0.index)" }
  }

  /// One residual, whole, on one rank: for a checkpoint.
  ///
  /// Collective, between steps.
  /// - Parameters:
  ///   - index: Its place in ``residualNames``.
  ///   - root: Who receives it.
  /// - Returns: As many numbers as a gradient has; `nil` on other ranks.
  /// - Throws: ``MPIError``.
  public func gatherResidual(_ index: Int, root: Int = 0) throws -> [Float]? {
    requireRest()
    let node = residualNodes[index]
    let ranges = (0..<layout.ranks).map { layout.elements(of: node, rank: $0) }
    var own: [Float] = []
    own.reserveCapacity(ranges[communicator.rank].reduce(0) { $0 + $1.count })
    for bucket in layout.buckets.indices {
      residual(of: node, bucket: bucket)?.append(to: &own)
    }
    let counts = ranges.map { $0.reduce(0) { $0 + $1.count } }
    let isRoot = communicator.rank == root
    var parts = [Float](repeating: 0, count: isRoot ? elementCount : 0)
    var span = parts.mutableSpan
    try communicator.gather(own.span, into: &span, counts: counts, root: root)
    guard isRoot else { return nil }
    var whole = parts
    var start = 0
    for elements in ranges.joined() {
      whole.replaceSubrange(elements, with: parts[start..<(start + elements.count)])
      start += elements.count
    }
    return whole
  }

  /// Takes up a residual; every rank gives the whole of it and the reducer keeps its part.
  ///
  /// - Parameters:
  ///   - index: Its place in ``residualNames``.
  ///   - values: As many numbers as a gradient has.
  public mutating func setResidual(_ index: Int, to values: Span<Float>) {
    requireRest()
    precondition(values.count == elementCount, "a residual of another size")
    let node = residualNodes[index]
    for bucket in layout.buckets.indices {
      guard
        let elements = layout.elements(of: node, bucket: bucket, rank: communicator.rank)
      else { continue }
      residual(of: node, bucket: bucket)?.store(values.extracting(elements))
    }
  }

  private var residualNodes: [ShardNode] {
    guard layout.format == .bfloat16 else { return [] }
    return ShardTree.allNodes(shardCount: layout.shardCount)
  }

  private func residual(of node: ShardNode, bucket: Int) -> WireStorage? {
    (arithmetic(ofBucket: bucket) as? BFloat16Nodes)?
      .residuals[node.number(shardCount: layout.shardCount)]
  }
}
