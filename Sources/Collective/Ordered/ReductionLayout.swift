/// Who holds what in an ordered all-reduce: the same on every rank.
struct ReductionLayout {
  let ranks: Int
  let shardCount: Int
  let format: WireFormat
  /// The elements of each bucket.
  let buckets: [Range<Int>]
  /// The nodes that remain on each rank when it has added its shards, from left to right.
  let nodes: [[ShardNode]]

  // The rank of each shard.
  private let owners: [Int]

  init(
    ranks: Int, shardCount: Int, elementCount: Int, bucketLength: Int,
    format: WireFormat = .float32
  ) {
    precondition(
      shardCount > 0 && shardCount & (shardCount - 1) == 0,
      "the number of shards is a power of two, not \(shardCount)")
    precondition(elementCount >= 0, "a gradient has a negative size")
    precondition(bucketLength > 0, "a bucket holds something")
    self.ranks = ranks
    self.shardCount = shardCount
    self.format = format
    let bucketCount = max(1, (elementCount + bucketLength - 1) / bucketLength)
    buckets = (0..<bucketCount).map {
      ShardTree.part($0, of: bucketCount, count: elementCount)
    }
    owners = (0..<ranks).flatMap { rank in
      ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount).map { _ in rank }
    }
    nodes = (0..<ranks).map {
      ShardTree.nodes(of: ShardTree.shards(ofRank: $0, ranks: ranks, shardCount: shardCount))
    }
  }

  /// How one rank makes the sums of a bucket, with a memory of its own.
  func arithmetic(bucket: Int, rank: Int) -> any NodeArithmetic {
    switch format {
    case .float32: Float32Nodes()
    case .bfloat16: BFloat16Nodes(self, bucket: bucket, rank: rank)
    }
  }

  func shards(ofRank rank: Int) -> Range<Int> {
    ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount)
  }

  /// The elements of a bucket that one rank adds up, counted from the bucket's first.
  func slice(ofRank rank: Int, bucket: Int) -> Range<Int> {
    ShardTree.part(rank, of: ranks, count: buckets[bucket].count)
  }

  /// The elements of a bucket for which a rank makes the value of a node, counted from the gradient's
  /// first: all of them if it owns the node's shards, its slice if no rank owns all; else `nil`.
  func elements(of node: ShardNode, bucket: Int, rank: Int) -> Range<Int>? {
    let all = buckets[bucket]
    let (first, last) = (owners[node.shards.lowerBound], owners[node.shards.upperBound - 1])
    guard first != last else { return first == rank ? all : nil }
    let slice = slice(ofRank: rank, bucket: bucket)
    return (all.lowerBound + slice.lowerBound)..<(all.lowerBound + slice.upperBound)
  }

  /// The elements for which a rank makes the value of a node, bucket by bucket.
  func elements(of node: ShardNode, rank: Int) -> [Range<Int>] {
    buckets.indices.compactMap { elements(of: node, bucket: $0, rank: rank) }
  }

  /// The nodes of all ranks in the tree's order, with their places on their ranks.
  var sources: [(rank: Int, place: Int, node: ShardNode)] {
    nodes.indices.flatMap { rank in
      nodes[rank].indices.map { (rank: rank, place: $0, node: nodes[rank][$0]) }
    }
  }
}
