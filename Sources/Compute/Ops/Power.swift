/// x raised to a fixed exponent, element-wise, for dense tensors of positive numbers.
public struct Power: Operation {
  /// The exponent.
  public let exponent: Float

  /// The operation's name.
  public var name: String { "power" }

  /// The input's shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard inputs[0].kind == .dense else { throw OperationError("takes powers of dense only") }
    return [.init(inputs[0].shape, .dense)]
  }

  /// The gradient times exponent · x^(exponent - 1).
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map { gradient in
        let slope = try graph.power(node.inputs[0], exponent - 1)
        return try graph.multiply(graph.scaleShift(gradient, scale: exponent), slope)
      }
    ]
  }
}

extension GraphBuilder {
  /// x raised to a fixed exponent, element-wise; x is dense and positive.
  public mutating func power(_ x: Symbol, _ exponent: Float) throws -> Symbol {
    try apply(Power(exponent: exponent), [x])[0]
  }
}
