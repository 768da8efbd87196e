public import Compute

/// Every output from every input: y = x weightᵀ + bias.
///
/// - Shape: `[N, C]` to `[N, outputs]`.
/// - Parameters: `weight [outputs, C]`, `bias [outputs]`.
public struct DenseLayer: Layer {
  /// The number of outputs.
  public var outputs: Int
  /// Whether a learned bias is added.
  public var hasBias: Bool
  /// What fills the weight at the start.
  public var initializer: any ParameterInitializer
  /// What fills the bias at the start.
  public var biasConstant: Float

  /// A dense layer.
  public init(
    outputs: Int, hasBias: Bool = true, initializer: any ParameterInitializer = HeInitializer(),
    biasConstant: Float = 0
  ) {
    self.outputs = outputs
    self.hasBias = hasBias
    self.initializer = initializer
    self.biasConstant = biasConstant
  }

  /// Records the layer.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    guard x.shape.rank == 2 else {
      throw GraphError(path: g.currentPath, message: "expects [N, C], got \(x.shape)")
    }
    let weight = try g.parameter(
      "weight", [outputs, x.shape.channels], .weight, initializer: initializer)
    let bias =
      hasBias
      ? try g.parameter("bias", [outputs], .bias, initializer: ConstantInitializer(biasConstant))
      : nil
    return try g.linear(x, weight: weight, bias: bias)
  }
}
