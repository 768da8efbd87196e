/// Which symbols are parts of which concatenation.
struct Concatenations {
  /// A symbol's place within a concatenation.
  struct Part {
    let result: Symbol
    /// The channel at which it starts.
    let offset: Int
    /// The channels at which the concatenation's parts start.
    let allOffsets: [Int]
  }

  /// By the id of the part; a symbol that several concatenations read belongs to the first.
  private(set) var parts: [Int: Part] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes where node.operation is Concatenate {
      // A map that stands in one concatenation twice has two places: leave it to the copy.
      guard Set(node.inputs).count == node.inputs.count else { continue }
      var offsets: [Int] = []
      var offset = 0
      for input in node.inputs {
        offsets.append(offset)
        offset += input.shape.channels
      }
      for (input, offset) in zip(node.inputs, offsets) where parts[input.id] == nil {
        parts[input.id] = Part(result: node.outputs[0], offset: offset, allOffsets: offsets)
      }
    }
  }
}
