/// Who holds what in an ordered all-reduce: the same on every rank.
struct ReductionLayout {
  let ranks: Int
  let shardCount: Int
  /// The elements of each bucket.
  let buckets: [Range<Int>]
  /// The nodes that remain on each rank when it has added its shards, from left to right.
  let nodes: [[ShardNode]]

  init(ranks: Int, shardCount: Int, elementCount: Int, bucketLength: Int) {
    precondition(
      shardCount > 0 && shardCount & (shardCount - 1) == 0,
      "the number of shards is a power of two, not \(shardCount)")
    precondition(elementCount >= 0, "a gradient has a negative size")
    precondition(bucketLength > 0, "a bucket holds something")
    self.ranks = ranks
    self.shardCount = shardCount
    let bucketCount = max(1, (elementCount + bucketLength - 1) / bucketLength)
    buckets = (0..<bucketCount).map {
      ShardTree.part($0, of: bucketCount, count: elementCount)
    }
    nodes = (0..<ranks).map {
      ShardTree.nodes(of: ShardTree.shards(ofRank: $0, ranks: ranks, shardCount: shardCount))
    }
  }

  func shards(ofRank rank: Int) -> Range<Int> {
    ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount)
  }

  /// The elements of a bucket that one rank adds up, counted from the bucket's first.
  func slice(ofRank rank: Int, bucket: Int) -> Range<Int> {
    ShardTree.part(rank, of: ranks, count: buckets[bucket].count)
  }

  /// The nodes of all ranks in the tree's order, with their places on their ranks.
  var sources: [(rank: Int, place: Int, node: ShardNode)] {
    nodes.indices.flatMap { rank in
      nodes[rank].indices.map { (rank: rank, place: $0, node: nodes[rank][$0]) }
    }
  }
}
