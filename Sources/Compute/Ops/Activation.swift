/// An element-wise nonlinearity whose gradient follows from its result.
///
/// - Input: `x`, any shape and kind. Output: the same.
public struct Activation: Operation {
  /// The function.
  public enum Function: Hashable, Sendable {
    /// max(x, 0).
    case relu
    /// x where positive, else `slope` x; `slope` must be positive.
    case leakyReLU(slope: Float)
    /// x where positive, else `alpha` (exp(x) - 1); `alpha` must be positive.
    case elu(alpha: Float)
    /// 1 / (1 + exp(-x)).
    case sigmoid
    case tanh
  }

  /// The function.
  public let function: Function

  /// The function's name.
  public var name: String {
    switch function {
    case .relu: "relu"
    case .leakyReLU: "leakyReLU"
    case .elu: "elu"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    }
  }

  /// The input's shape and kind.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, inputs[0].kind)]
  }

  /// Emits ``ActivationBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil] }
    return [
      try graph.apply(ActivationBackward(forward: self), [node.outputs[0], gradient])[0]
    ]
  }
}

/// The gradient of an activation with respect to its input.
///
/// - Inputs: the activation's result, the gradient of that result.
public struct ActivationBackward: Operation {
  /// The activation that is differentiated.
  public let forward: Activation

  /// The operation's name.
  public var name: String { forward.name + "Backward" }

  /// The shape and kind of the gradient.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[1].shape, inputs[1].kind)]
  }
}

/// x where positive, else a learned slope times x (He, Zhang, Ren, Sun 2015, equation 1).
///
/// - Inputs: `x [N, C, spatial…]`, `slope [C]` or `[1]`.
public struct PReLU: Operation {
  /// The operation's name.
  public var name: String { "prelu" }

  /// The input's shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard inputs[1].shape == [1] || inputs[1].shape == [inputs[0].shape.channels] else {
      throw OperationError(
        "needs 1 or \(inputs[0].shape.channels) slopes, got \(inputs[1].shape)")
    }
    return [.init(inputs[0].shape, .activation)]
  }

  /// Emits ``PReLUBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil, nil] }
    return try graph.apply(PReLUBackward(), node.inputs + [gradient]).map(Optional.some)
  }
}

/// The gradients of a ``PReLU`` with respect to `x` and `slope`.
///
/// - Inputs: `x`, `slope`, the gradient of the result.
public struct PReLUBackward: Operation {
  /// The operation's name.
  public var name: String { "preluBackward" }

  /// The shapes of `x` and `slope`.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .activation), .init(inputs[1].shape, .dense)]
  }
}

extension GraphBuilder {
  /// Applies an element-wise nonlinearity.
  public mutating func activate(
    _ x: Symbol, _ function: Activation.Function
  ) throws -> Symbol {
    try apply(Activation(function: function), [x])[0]
  }

  /// The self-normalizing exponential unit (Klambauer et al. 2017, equation 2): 1.0507 elu(x, 1.6733).
  public mutating func selu(_ x: Symbol) throws -> Symbol {
    try scaleShift(
      activate(x, .elu(alpha: 1.673_263_242_354_377_2)), scale: 1.050_700_987_355_480_5)
  }

  /// Applies a leaky rectifier with learned slopes, one for each channel or one for all.
  public mutating func prelu(_ x: Symbol, slope: Symbol) throws -> Symbol {
    try apply(PReLU(), [activation(x), slope])[0]
  }
}
