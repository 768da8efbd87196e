/// The part of the ordered all-reduce that crosses ranks, for one bucket of elements.
///
/// Every rank receives its slice of all nodes, adds it up in the order of the tree, and gives
/// the sum to all. What it does besides is computing: it moves when it is polled.
protocol BucketExchange: AnyObject {
  /// The memory of this rank's nodes, as ``TreeStack`` wants it.
  var nodeBuffers: [WireStorage] { get }

  /// How the values of nodes are made.
  var arithmetic: any NodeArithmetic { get }

  /// The bytes of all messages that this rank sends for one sum.
  var messageBytes: Int { get }

  /// Begins the exchange: the nodes are whole.
  func launch() throws

  /// Drives the exchange forward as far as it goes without waiting.
  /// - Returns: Whether the sum is whole.
  func poll() throws -> Bool

  /// Writes the whole sum to its elements of `sum`, and is ready for the next launch.
  func finish(into sum: inout MutableSpan<Float>)
}

/// The exchange of a group of one: its only node is the sum.
final class NoExchange: BucketExchange {
  let nodeBuffers: [WireStorage]
  let arithmetic: any NodeArithmetic
  let messageBytes = 0
  private let elements: Range<Int>

  init(_ layout: ReductionLayout, bucket: Int) {
    elements = layout.buckets[bucket]
    arithmetic = layout.arithmetic(bucket: bucket, rank: 0)
    let depth = TreeStack.depth(of: layout.shards(ofRank: 0))
    nodeBuffers = (0..<depth).map { [count = elements.count] _ in layout.format.storage(count) }
  }

  func launch() {}

  func poll() -> Bool { true }

  func finish(into sum: inout MutableSpan<Float>) {
    arithmetic.write(nodeBuffers[0], to: &sum, at: elements.lowerBound)
  }
}
