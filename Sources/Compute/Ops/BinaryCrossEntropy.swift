/// The mean over voxels and classes of the cross-entropies of C questions "is it class c", each
/// answered by a sigmoid of its own: L = mean_i,c -[y_i = c] log σ(x_ic) - [y_i ≠ c] log (1 - σ(x_ic)).
///
/// Computed as max(x, 0) - x [y = c] + log(1 + exp(-|x|)), which is finite for any finite logits. Sums
/// are kept in double precision, in an order that does not depend on the number of threads.
///
/// - Inputs: dense logits `[N, C, spatial…]`, labels `[N, spatial…]` in `0..<C`.
/// - Output: a dense scalar `[1]`.
public struct BinaryCrossEntropy: Operation {
  /// The operation's name.
  public var name: String { "binaryCrossEntropy" }

  /// A scalar.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    try requireLabels(inputs[1].shape, match: inputs[0].shape)
    return [.init([1], .dense)]
  }

  /// Emits ``BinaryCrossEntropyBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.apply(BinaryCrossEntropyBackward(), node.inputs + [$0])[0]
      }, nil,
    ]
  }
}

/// The gradient of a ``BinaryCrossEntropy``: d (σ(x_ic) - [y_i = c]) over the number of summands.
///
/// - Inputs: logits, labels, the gradient d of the scalar.
public struct BinaryCrossEntropyBackward: Operation {
  /// The operation's name.
  public var name: String { "binaryCrossEntropyBackward" }

  /// The logits' shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .dense)]
  }
}

extension GraphBuilder {
  /// The mean cross-entropy of one sigmoid a class of logits `[N, C, spatial…]`.
  public mutating func binaryCrossEntropy(
    _ logits: Symbol, labels: Symbol
  ) throws -> Symbol {
    try apply(BinaryCrossEntropy(), [dense(logits), labels])[0]
  }
}
