/// The transpose of a convolution: spreads each input element over a window of the output.
///
/// - Inputs: `x [N, C, spatial…]`, `weight [C, O, k…]`, optionally `bias [O]`.
/// - Output: `[N, O, spatial…]`, extents `(in - 1) * stride - before - after + span`.
public struct TransposedConvolution: Operation {
  /// The window of the convolution that this transposes.
  ///
  /// A padding after that is smaller than needed is what other frameworks call output padding.
  public let window: Window

  /// The operation's name.
  public var name: String { "transposedConvolution" }

  /// Checks channels and infers the output's extents.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (x, weight) = (inputs[0].shape, inputs[1].shape)
    guard x.channels == weight[0] else {
      throw OperationError("expects \(weight[0]) channels, got \(x.channels) in \(x)")
    }
    guard x.spatial.count == window.kernel.count else {
      throw OperationError(
        "has a window of \(window.kernel.count) axes but its input is \(x)")
    }
    let spatial = x.spatial.indices.map { axis in
      (x.spatial[axis] - 1) * window.stride[axis] + window.span[axis]
        - window.paddingBefore[axis] - window.paddingAfter[axis]
    }
    guard spatial.allSatisfy({ $0 > 0 }) else {
      throw OperationError("crops its output to nothing: \(spatial) from \(x)")
    }
    return [.init(Shape(batch: x.batch, channels: weight[1], spatial: spatial), .activation)]
  }

  /// Emits ``TransposedConvolutionBackwardWeights`` and, where the input needs it, the
  /// convolution that this transposes.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return node.inputs.map { _ in nil } }
    let (x, weight) = (node.inputs[0], node.inputs[1])
    var result = try graph.apply(
      TransposedConvolutionBackwardWeights(
        forward: self, weightShape: weight.shape, hasBias: node.inputs.count == 3),
      [x, gradient]
    ).map(Optional.some)
    var inputGradient: Symbol?
    if graph.needsGradient(x) {
      inputGradient = try graph.apply(
        Convolution(window: window, groups: 1), [gradient, weight])[0]
    }
    result.insert(inputGradient, at: 0)
    return result
  }

  /// One for each tap, output channel and input element.
  public func multiplyAdds(for node: Node) -> Int {
    node.inputs[0].shape.count * node.inputs[1].shape.extents.dropFirst().reduce(1, *)
  }
}

/// The gradient of a transposed convolution with respect to its weight and bias.
///
/// - Inputs: `x`, the gradient of the output.
public struct TransposedConvolutionBackwardWeights: Operation {
  /// The operation that is differentiated.
  public let forward: TransposedConvolution
  /// The shape of its weight.
  public let weightShape: Shape
  /// Whether it has a bias.
  public let hasBias: Bool

  /// The operation's name.
  public var name: String { "transposedConvolutionBackwardWeights" }

  /// The shapes of weight and bias.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(weightShape, .dense)] + (hasBias ? [.init([weightShape[1]], .dense)] : [])
  }

  /// As many as the forward operation.
  public func multiplyAdds(for node: Node) -> Int {
    node.inputs[0].shape.count * weightShape.extents.dropFirst().reduce(1, *)
  }
}

extension GraphBuilder {
  /// Spreads `x [N, C, spatial…]` with `weight [C, O, k…]` and adds `bias [O]`.
  public mutating func transposedConvolution(
    _ x: Symbol, weight: Symbol, bias: Symbol? = nil, window: Window
  ) throws -> Symbol {
    let operands = [try activation(x), weight] + (bias.map { [$0] } ?? [])
    return try apply(TransposedConvolution(window: window), operands)[0]
  }
}
