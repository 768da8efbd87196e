/// exp(x_c) / Σ_c' exp(x_c') over the channel axis of dense logits `[N, C, spatial…]`.
public struct Softmax: Operation {
  /// The operation's name.
  public var name: String { "softmax" }

  /// The input's shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard inputs[0].kind == .dense, inputs[0].shape.rank >= 2 else {
      throw OperationError("takes the softmax of \(inputs[0].shape), not of [N, C, …]")
    }
    return [.init(inputs[0].shape, .dense)]
  }

  /// Emits ``SoftmaxBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.apply(SoftmaxBackward(), [node.outputs[0], $0])[0] }]
  }
}

/// The gradient of a ``Softmax``: p_c (d_c - Σ_c' p_c' d_c').
///
/// - Inputs: the softmax's result p, the gradient d of that result.
public struct SoftmaxBackward: Operation {
  /// The operation's name.
  public var name: String { "softmaxBackward" }

  /// The result's shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .dense)]
  }
}

extension GraphBuilder {
  /// Class probabilities from logits `[N, C, spatial…]`, dense.
  public mutating func softmax(_ logits: Symbol) throws -> Symbol {
    try apply(Softmax(), [dense(logits)])[0]
  }
}
