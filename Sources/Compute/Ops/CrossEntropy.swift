/// The mean over voxels of -log softmax(x)[label], each voxel weighted by its label's class:
/// L = -Σ_i w(y_i) log p_i(y_i) / Σ_i w(y_i).
///
/// Computed from logits by log-sum-exp, so that it is finite for any finite logits. Sums are kept
/// in double precision, in an order that does not depend on the number of threads.
///
/// - Inputs: dense logits `[N, C, spatial…]`, labels `[N, spatial…]` in `0..<C`.
/// - Output: a dense scalar `[1]`.
public struct CrossEntropy: Operation {
  /// The weight of each class; empty where all weigh 1.
  public let classWeights: [Float]

  /// The operation's name.
  public var name: String { "crossEntropy" }

  /// A scalar.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (logits, labels) = (inputs[0].shape, inputs[1].shape)
    try requireLabels(labels, match: logits)
    guard classWeights.isEmpty || classWeights.count == logits.channels else {
      throw OperationError(
        "has \(classWeights.count) class weights for \(logits.channels) classes")
    }
    return [.init([1], .dense)]
  }

  /// Emits ``CrossEntropyBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.apply(CrossEntropyBackward(forward: self), node.inputs + [$0])[0]
      }, nil,
    ]
  }
}

/// The gradient of a ``CrossEntropy``: d w(y_i) (p_ic - [y_i = c]) / Σ_i w(y_i).
///
/// - Inputs: logits, labels, the gradient d of the scalar.
public struct CrossEntropyBackward: Operation {
  /// The operation that is differentiated.
  public let forward: CrossEntropy

  /// The operation's name.
  public var name: String { "crossEntropyBackward" }

  /// The logits' shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .dense)]
  }
}

/// Checks that `labels [N, spatial…]` belong to `[N, C, spatial…]`.
func requireLabels(_ labels: Shape, match maps: Shape) throws {
  guard labels.extents == [maps.batch] + maps.spatial else {
    throw OperationError("compares \(maps) with labels of \(labels)")
  }
}

extension GraphBuilder {
  /// The (class-weighted) mean cross-entropy of logits `[N, C, spatial…]` and labels.
  public mutating func crossEntropy(
    _ logits: Symbol, labels: Symbol, classWeights: [Float] = []
  ) throws -> Symbol {
    try apply(CrossEntropy(classWeights: classWeights), [dense(logits), labels])[0]
  }
}
