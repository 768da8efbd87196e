/// The partial sums of a walk over the shard tree from left to right: a binary counter.
///
/// Each value pushed is added to its left sibling's as soon as it is whole, so that at most
/// log2(V) + 1 partial sums are alive. Buffers are made when first used and kept.
struct TreeStack {
  private let width: Int
  private(set) var nodes: [ShardNode] = []
  // buffers[k] belongs to nodes[k]; those above are idle.
  private var buffers: [[Float]] = []

  /// - Parameter width: The number of elements of a value.
  init(width: Int) {
    self.width = width
  }

  /// Takes in the value of the next node.
  mutating func push(_ node: ShardNode, _ value: Span<Float>) {
    guard let top = nodes.last, top.isLeftSibling(of: node) else {
      if buffers.count == nodes.count {
        buffers.append([Float](repeating: 0, count: width))
      }
      var target = buffers[nodes.count].mutableSpan
      copy(value, to: &target)
      nodes.append(node)
      return
    }
    var sum = buffers[nodes.count - 1].mutableSpan
    add(value, to: &sum)
    nodes[nodes.count - 1] = top.parent
    while nodes.count > 1, nodes[nodes.count - 2].isLeftSibling(of: nodes[nodes.count - 1]) {
      mergeTopTwo()
    }
  }

  /// The elements of the partial sum at one place, of as many values as were pushed.
  func value(at place: Int) -> [Float] { buffers[place] }

  /// Forgets all values and keeps the buffers.
  mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
  }

  private mutating func mergeTopTwo() {
    let right = nodes.count - 1
    // Moved out and back, so that the two buffers can be named at once; nothing is copied.
    var source: [Float] = []
    swap(&source, &buffers[right])
    var sum = buffers[right - 1].mutableSpan
    add(source.span, to: &sum)
    swap(&source, &buffers[right])
    nodes.removeLast()
    nodes[right - 1] = nodes[right - 1].parent
  }
}

/// `sum += value` over the elements of `value`, which may be fewer.
private func add(_ value: Span<Float>, to sum: inout MutableSpan<Float>) {
  precondition(value.count <= sum.count, "value is longer than its sum")
  for index in 0..<value.count { sum[index] += value[index] }
}

/// `target = value` over the elements of `value`, which may be fewer.
func copy(_ value: Span<Float>, to target: inout MutableSpan<Float>) {
  precondition(value.count <= target.count, "value is longer than its target")
  for index in 0..<value.count { target[index] = value[index] }
}
