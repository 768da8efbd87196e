/// The element-wise sum; the second summand may have extents of 1, which are repeated.
public struct Add: Operation {
  /// The operation's name.
  public var name: String { "add" }

  /// The first summand's shape and kind; summands of one shape must be of one kind.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a != b || inputs[0].kind == inputs[1].kind, repeats(b, to: a) else {
      throw OperationError("adds \(a) and \(b), which differ in extents other than 1")
    }
    return [.init(a, inputs[0].kind)]
  }

  /// Each summand receives the gradient, summed over the axes along which it was repeated.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil, nil] }
    let second =
      graph.needsGradient(node.inputs[1])
      ? try graph.reduced(gradient, to: node.inputs[1]) : nil
    return [gradient, second]
  }
}

/// Whether a tensor of `shape` becomes one of `other` by repetition along extents of 1.
private func repeats(_ shape: Shape, to other: Shape) -> Bool {
  shape.rank == other.rank && zip(other.extents, shape.extents).allSatisfy { $0 == $1 || $1 == 1 }
}

/// The element-wise product; the second factor may have extents of 1, which are repeated.
public struct Multiply: Operation {
  /// The operation's name.
  public var name: String { "multiply" }

  /// The first factor's shape and kind.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard repeats(b, to: a) else {
      throw OperationError("multiplies \(a) by \(b), whose extents must be equal or 1")
    }
    return [.init(a, inputs[0].kind)]
  }

  /// The gradient of each factor is the gradient times the other, summed over repeated axes.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil, nil] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    let forA = graph.needsGradient(a) ? try graph.multiply(gradient, b) : nil
    var forB: Symbol?
    if graph.needsGradient(b) {
      forB = try graph.reduced(graph.multiply(gradient, a), to: b)
    }
    return [forA, forB]
  }
}

/// The element-wise quotient of two dense tensors of one shape.
public struct Divide: Operation {
  /// The operation's name.
  public var name: String { "divide" }

  /// The common shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard inputs[0].shape == inputs[1].shape, inputs.allSatisfy({ $0.kind == .dense }) else {
      throw OperationError("divides \(inputs[0].shape) by \(inputs[1].shape); both must be dense")
    }
    return [.init(inputs[0].shape, .dense)]
  }

  /// d/b for the dividend; -d y/b for the divisor.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil, nil] }
    let forDividend = try graph.divide(gradient, node.inputs[1])
    var forDivisor: Symbol?
    if graph.needsGradient(node.inputs[1]) {
      forDivisor = try graph.scaleShift(
        graph.multiply(forDividend, node.outputs[0]), scale: -1)
    }
    return [forDividend, forDivisor]
  }
}

/// The natural logarithm of a dense tensor.
public struct Logarithm: Operation {
  /// The operation's name.
  public var name: String { "logarithm" }

  /// The input's shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard inputs[0].kind == .dense else {
      throw OperationError("takes the logarithm of dense only")
    }
    return [.init(inputs[0].shape, .dense)]
  }

  /// The gradient divided by the input.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.divide($0, node.inputs[0]) }]
  }
}

/// `scale` x + `shift`, element-wise, with constant factors.
public struct ScaleShift: Operation {
  /// The factor.
  public let scale: Float
  /// The summand.
  public let shift: Float

  /// The operation's name.
  public var name: String { "scaleShift" }

  /// The input's shape and kind.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, inputs[0].kind)]
  }

  /// The gradient times `scale`.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.scaleShift($0, scale: scale) }]
  }
}

/// A dense tensor with one value everywhere.
public struct Fill: Operation {
  /// The extents.
  public let shape: Shape
  /// The value.
  public let value: Float

  /// The operation's name.
  public var name: String { "fill" }

  /// The given shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(shape, .dense)]
  }
}

/// A dense tensor with fixed values: the weights of classes in a loss, for example.
public struct Constant: Operation {
  /// The extents.
  public let shape: Shape
  /// The values, row-major.
  public let values: [Float]

  /// The operation's name.
  public var name: String { "constant" }

  /// The given shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard values.count == shape.count else {
      throw OperationError("has \(values.count) values for a constant of \(shape)")
    }
    return [.init(shape, .dense)]
  }
}

extension GraphBuilder {
  /// A dense tensor with fixed values, row-major; nothing is learned from it.
  public mutating func constant(_ values: [Float], shape: Shape) throws -> Symbol {
    try apply(Constant(shape: shape, values: values), [])[0]
  }

  /// The element-wise sum; a dense and an activation operand become activations.
  ///
  /// Extents of 1 in `b` are repeated: `[N, 1, 1…]` adds one number to a whole sample,
  /// `[1, C, 1…]` one to each channel, `[N, 1, spatial…]` one map to every map.
  public mutating func add(_ a: Symbol, _ b: Symbol) throws -> Symbol {
    if a.kind == b.kind || a.shape != b.shape { return try apply(Add(), [a, b])[0] }
    return try apply(Add(), [activation(a), activation(b)])[0]
  }

  /// The element-wise product; extents of 1 in `b` are repeated.
  public mutating func multiply(_ a: Symbol, _ b: Symbol) throws -> Symbol {
    try apply(Multiply(), [a, b])[0]
  }

  /// `gradient`, summed over the axes along which `operand` was repeated, as the operand is kept.
  fileprivate mutating func reduced(_ gradient: Symbol, to operand: Symbol) throws -> Symbol {
    let repeated = gradient.shape.extents.indices.filter {
      gradient.shape[$0] != operand.shape[$0]
    }
    if repeated.isEmpty && gradient.kind == operand.kind { return gradient }
    let total = repeated.isEmpty ? gradient : try sum(gradient, axes: repeated)
    return operand.kind == .dense ? try dense(total) : try activation(total)
  }

  /// The element-wise quotient of dense tensors.
  public mutating func divide(_ a: Symbol, _ b: Symbol) throws -> Symbol {
    try apply(Divide(), [a, b])[0]
  }

  /// The natural logarithm of a dense tensor.
  public mutating func logarithm(_ x: Symbol) throws -> Symbol {
    try apply(Logarithm(), [x])[0]
  }

  /// `scale` x + `shift`, element-wise.
  public mutating func scaleShift(
    _ x: Symbol, scale: Float, shift: Float = 0
  ) throws -> Symbol {
    try apply(ScaleShift(scale: scale, shift: shift), [x])[0]
  }
}
