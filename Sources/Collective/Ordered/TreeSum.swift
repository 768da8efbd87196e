/// The sum of the nodes that all ranks are left with, in the order of the shard tree.
///
/// One rank does this for its slice of the elements.
struct TreeSum {
  private indirect enum Expression {
    /// The value of one of the sources.
    case source(Int)
    case sum(Expression, Expression)
  }

  private let expression: Expression
  private let temporaries: [WireStorage]

  // Long enough to amortize the loops' set-up, short enough that the partial sums stay in cache.
  private static let blockLength = 4096

  /// - Parameters:
  ///   - nodes: The nodes of the sources in the tree's order; together they cover the tree.
  ///   - length: The number of elements of a slice.
  init(of nodes: [ShardNode], length: Int) {
    var stack: [(node: ShardNode, expression: Expression)] = []
    for (source, node) in nodes.enumerated() {
      var top = (node: node, expression: Expression.source(source))
      while let left = stack.last, left.node.isLeftSibling(of: top.node) {
        stack.removeLast()
        top = (left.node.parent, .sum(left.expression, top.expression))
      }
      stack.append(top)
    }
    guard let root = stack.first, stack.count == 1 else {
      preconditionFailure("the nodes do not cover the tree")
    }
    expression = root.expression
    temporaries = (0..<Self.depth(of: root.expression)).map { _ in
      WireStorage(floatCount: min(Self.blockLength, length))
    }
  }

  /// Leaves the sum of the sources (of equal lengths) in `target`.
  func sum(_ sources: [WireStorage], into target: WireStorage) {
    var start = 0
    while start < target.floatCount {
      let block = start..<min(start + Self.blockLength, target.floatCount)
      evaluate(expression, sources, block, into: target, at: start, depth: 0)
      start = block.upperBound
    }
  }

  private func evaluate(
    _ expression: Expression, _ sources: [WireStorage], _ block: Range<Int>,
    into target: WireStorage, at start: Int, depth: Int
  ) {
    switch expression {
    case .source(let index):
      target.store(sources[index], block, at: start)
    case .sum(.source(let left), .source(let right)):
      target.store(
        sumOf: sources[left], sources[right], block, rightAt: block.lowerBound, at: start)
    case .sum(let left, .source(let right)):
      evaluate(left, sources, block, into: target, at: start, depth: depth)
      target.add(sources[right], block, at: start)
    case .sum(.source(let left), let right):
      evaluate(right, sources, block, into: temporaries[depth], at: 0, depth: depth + 1)
      target.store(sumOf: sources[left], temporaries[depth], block, rightAt: 0, at: start)
    case .sum(let left, let right):
      evaluate(left, sources, block, into: target, at: start, depth: depth)
      evaluate(right, sources, block, into: temporaries[depth], at: 0, depth: depth + 1)
      target.add(temporaries[depth], 0..<block.count, at: start)
    }
  }

  /// How many temporaries the evaluation needs.
  private static func depth(of expression: Expression) -> Int {
    switch expression {
    case .source, .sum(.source, .source): 0
    case .sum(let left, .source): depth(of: left)
    case .sum(.source, let right): 1 + depth(of: right)
    case .sum(let left, let right): max(depth(of: left), 1 + depth(of: right))
    }
  }
}
