/// The sum of the nodes that all ranks are left with, in the order of the shard tree.
///
/// One rank does this for its slice of the elements.
struct TreeSum {
  private indirect enum Expression {
    /// The value of one of the sources.
    case source(Int)
    /// The value of a node, out of its children's.
    case sum(ShardNode, Expression, Expression)
  }

  private let expression: Expression
  private let temporaries: [WireStorage]
  private let arithmetic: any NodeArithmetic

  // Long enough to amortize the loops' set-up, short enough that the partial sums stay in cache.
  private static let blockLength = 4096

  /// - Parameters:
  ///   - nodes: The nodes of the sources in the tree's order; together they cover the tree.
  ///   - length: The number of elements of a slice.
  ///   - arithmetic: How sums are made.
  init(of nodes: [ShardNode], length: Int, _ arithmetic: any NodeArithmetic) {
    var stack: [(node: ShardNode, expression: Expression)] = []
    for (source, node) in nodes.enumerated() {
      var top = (node: node, expression: Expression.source(source))
      while let left = stack.last, left.node.isLeftSibling(of: top.node) {
        stack.removeLast()
        let parent = left.node.parent
        top = (parent, .sum(parent, left.expression, top.expression))
      }
      stack.append(top)
    }
    guard let root = stack.first, stack.count == 1 else {
      preconditionFailure("the nodes do not cover the tree")
    }
    expression = root.expression
    temporaries = (0..<Self.depth(of: root.expression)).map { _ in
      arithmetic.format.storage(min(Self.blockLength, length))
    }
    self.arithmetic = arithmetic
  }

  /// Leaves the sum of the sources (of equal lengths) in `target`.
  func sum(_ sources: [WireStorage], into target: WireStorage) {
    let count = arithmetic.format.count(of: target)
    var start = 0
    while start < count {
      let block = start..<min(start + Self.blockLength, count)
      evaluate(
        expression, sources, block, into: NodePlace(memory: target, start: start), depth: 0)
      start = block.upperBound
    }
  }

  private func evaluate(
    _ expression: Expression, _ sources: [WireStorage], _ block: Range<Int>,
    into target: NodePlace, depth: Int
  ) {
    switch expression {
    case .source(let index):
      let source = NodePlace(memory: sources[index], start: block.lowerBound)
      arithmetic.copy(block.count, from: source, to: target)
    case .sum(let node, let left, let right):
      // A source is read where it lies; another left child is made in place, a right one beside.
      var (a, b, next) = (target, target, depth)
      if case .source(let index) = left {
        a = NodePlace(memory: sources[index], start: block.lowerBound)
      } else {
        evaluate(left, sources, block, into: target, depth: depth)
      }
      if case .source(let index) = right {
        b = NodePlace(memory: sources[index], start: block.lowerBound)
      } else {
        b = NodePlace(memory: temporaries[depth])
        next += 1
        evaluate(right, sources, block, into: b, depth: next)
      }
      arithmetic.sum(node, block, left: a, right: b, into: target)
    }
  }

  /// How many temporaries the evaluation needs.
  private static func depth(of expression: Expression) -> Int {
    switch expression {
    case .source, .sum(_, .source, .source): 0
    case .sum(_, let left, .source): depth(of: left)
    case .sum(_, .source, let right): 1 + depth(of: right)
    case .sum(_, let left, let right): max(depth(of: left), 1 + depth(of: right))
    }
  }
}
