/// How the values of the shard tree's nodes are made, for one bucket on one rank.
///
/// Each value is a function of the node's children (and of what was kept at this node before), never of
/// the rank that makes it.
protocol NodeArithmetic: AnyObject {
  /// How values lie in memory.
  var format: WireFormat { get }

  /// Leaves a shard's value in `target`.
  func begin(shard: Int, _ gradient: Span<Float>, in target: WireStorage)

  /// Adds a shard's value to its left sibling's in `target`, which becomes their parent's.
  func add(shard: Int, _ gradient: Span<Float>, to target: WireStorage)

  /// Leaves the value of `node`, the sum of its children's, in `target`.
  ///
  /// - Parameters:
  ///   - node: An inner node.
  ///   - elements: Which elements, counted from the first of those for which this rank makes the node.
  ///   - left: The left child's; may be the same place as `target`.
  ///   - right: The right child's.
  ///   - target: Where to.
  func sum(
    _ node: ShardNode, _ elements: Range<Int>, left: NodePlace, right: NodePlace,
    into target: NodePlace)

  /// Copies values of a node; source and target differ.
  func copy(_ count: Int, from source: NodePlace, to target: NodePlace)

  /// Writes the finished sum to `sum`.
  func write(_ values: WireStorage, to sum: inout MutableSpan<Float>, at start: Int)
}

/// Where values of a node begin.
struct NodePlace {
  var memory: WireStorage
  /// The first value, counted from the memory's first.
  var start = 0
}

/// The values as they are, in `Float`.
final class Float32Nodes: NodeArithmetic {
  var format: WireFormat { .float32 }

  func begin(shard: Int, _ gradient: Span<Float>, in target: WireStorage) {
    target.store(gradient)
  }

  func add(shard: Int, _ gradient: Span<Float>, to target: WireStorage) { target.add(gradient) }

  func sum(
    _ node: ShardNode, _ elements: Range<Int>, left: NodePlace, right: NodePlace,
    into target: NodePlace
  ) {
    let (count, other) = (elements.count, right.start..<(right.start + elements.count))
    if left.memory === target.memory && left.start == target.start {
      target.memory.add(right.memory, other, at: target.start)
    } else {
      target.memory.store(
        sumOf: left.memory, right.memory, left.start..<(left.start + count), rightAt: right.start,
        at: target.start)
    }
  }

  func copy(_ count: Int, from source: NodePlace, to target: NodePlace) {
    target.memory.store(
      source.memory, source.start..<(source.start + count), at: target.start)
  }

  func write(_ values: WireStorage, to sum: inout MutableSpan<Float>, at start: Int) {
    values.copy(to: &sum, at: start)
  }
}
