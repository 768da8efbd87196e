/// Which nodes the CPU engine runs as part of another.
struct Fusion {
  /// Activations that the node at the key applies to its own result, by the index of that node.
  private(set) var activation: [Int: Int] = [:]
  /// Nodes that need not run: another does their work.
  private(set) var skipped: Set<Int> = []
  /// Symbols that are other symbols: the result of a skipped backward activation is its gradient.
  private(set) var aliases: [Int: Symbol] = [:]

  /// Finds every convolution or normalization whose only reader is an activation it can apply.
  init(_ graph: Graph) {
    var readers = [[Int]](repeating: [], count: graph.symbolCount)
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { readers[input.id].append(index) }
    }
    let visible = Set(
      graph.outputs.values.map(\.id) + graph.gradients.compactMap { $0?.id })
    for (index, node) in graph.nodes.enumerated() {
      guard let result = node.outputs.first, !visible.contains(result.id),
        readers[result.id].count == 1, let reader = readers[result.id].first,
        let activation = graph.nodes[reader].operation as? Activation
      else { continue }
      switch node.operation {
      case is Convolution:
        // Its gradient needs the activation's result only, so the sum itself is never kept.
        self.activation[index] = reader
        skipped.insert(reader)
      case let normalization as Normalization
      where activation.function == .relu && normalization.spread == .variance:
        fuseNormalization(index, activation: reader, readers: readers, in: graph)
      default: break
      }
    }
  }

  /// oneDNN's normalization applies ReLU forward and, from a bit mask, backward.
  private mutating func fuseNormalization(
    _ index: Int, activation reader: Int, readers: [[Int]], in graph: Graph
  ) {
    let result = graph.nodes[reader].outputs[0]
    let backward = readers[result.id].first {
      graph.nodes[$0].operation is ActivationBackward && graph.nodes[$0].inputs[0] == result
    }
    if let backward {
      let gradient = graph.nodes[backward].outputs[0]
      guard readers[gradient.id].count == 1, let user = readers[gradient.id].first,
        graph.nodes[user].operation is NormalizationBackward
      else { return }
      skipped.insert(backward)
      aliases[gradient.id] = graph.nodes[backward].inputs[1]
    }
    activation[index] = reader
    skipped.insert(reader)
  }

  /// The symbol that holds what `symbol` stands for.
  func resolve(_ symbol: Symbol) -> Symbol {
    var symbol = symbol
    while let alias = aliases[symbol.id] { symbol = alias }
    return symbol
  }
}
