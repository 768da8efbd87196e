/// Cross-correlation with learned kernels, over two or three spatial axes.
///
/// - Inputs: `x [N, C, spatial…]`, `weight [O, C / groups, k…]`, optionally `bias [O]`.
/// - Output: `[N, O, spatial…]` with the extents of ``Window/outputExtents(of:)``.
public struct Convolution: Operation {
  /// The sliding window.
  public let window: Window
  /// The number of blocks of channels that do not see each other.
  public let groups: Int

  /// The operation's name.
  public var name: String { "convolution" }

  /// Checks channels and kernel, and infers the output's extents.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (x, weight) = (inputs[0].shape, inputs[1].shape)
    guard x.channels == weight[1] * groups else {
      throw OperationError("expects \(weight[1] * groups) channels, got \(x.channels) in \(x)")
    }
    let spatial = try window.outputExtents(of: x.spatial)
    return [.init(Shape(batch: x.batch, channels: weight[0], spatial: spatial), .activation)]
  }

  /// Emits ``ConvolutionBackwardWeights`` and, where the input needs it,
  /// ``ConvolutionBackwardData``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return node.inputs.map { _ in nil } }
    let (x, weight) = (node.inputs[0], node.inputs[1])
    var result = try graph.apply(
      ConvolutionBackwardWeights(
        forward: self, weightShape: weight.shape, hasBias: node.inputs.count == 3),
      [x, gradient]
    ).map(Optional.some)
    var inputGradient: Symbol?
    if graph.needsGradient(x) {
      inputGradient = try graph.apply(
        ConvolutionBackwardData(forward: self, inputShape: x.shape), [weight, gradient])[0]
    }
    result.insert(inputGradient, at: 0)
    return result
  }

  /// One for each tap, input channel and output element.
  public func multiplyAdds(for node: Node) -> Int {
    node.outputs[0].shape.count * node.inputs[1].shape.extents.dropFirst().reduce(1, *)
  }
}

/// The gradient of a convolution with respect to its input.
///
/// - Inputs: `weight`, the gradient of the output.
public struct ConvolutionBackwardData: Operation {
  /// The convolution that is differentiated.
  public let forward: Convolution
  /// The shape of its input.
  public let inputShape: Shape

  /// The operation's name.
  public var name: String { "convolutionBackwardData" }

  /// The shape of the convolution's input.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputShape, .activation)]
  }

  /// As many as the forward convolution.
  public func multiplyAdds(for node: Node) -> Int {
    node.inputs[1].shape.count * node.inputs[0].shape.extents.dropFirst().reduce(1, *)
  }
}

/// The gradient of a convolution with respect to its weight and bias.
///
/// - Inputs: `x`, the gradient of the output.
public struct ConvolutionBackwardWeights: Operation {
  /// The convolution that is differentiated.
  public let forward: Convolution
  /// The shape of its weight.
  public let weightShape: Shape
  /// Whether it has a bias.
  public let hasBias: Bool

  /// The operation's name.
  public var name: String { "convolutionBackwardWeights" }

  /// The shapes of weight and bias.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(weightShape, .dense)] + (hasBias ? [.init([weightShape[0]], .dense)] : [])
  }

  /// As many as the forward convolution.
  public func multiplyAdds(for node: Node) -> Int {
    node.inputs[1].shape.count * weightShape.extents.dropFirst().reduce(1, *)
  }
}

extension GraphBuilder {
  /// Cross-correlates `x [N, C, spatial…]` with `weight [O, C / groups, k…]` and adds `bias [O]`.
  public mutating func convolution(
    _ x: Symbol, weight: Symbol, bias: Symbol? = nil, window: Window, groups: Int = 1
  ) throws -> Symbol {
    let operands = [try activation(x), weight] + (bias.map { [$0] } ?? [])
    return try apply(Convolution(window: window, groups: groups), operands)[0]
  }

  /// Multiplies `x [N, C]` with `weight [O, C]` and adds `bias [O]`: a dense layer.
  public mutating func linear(
    _ x: Symbol, weight: Symbol, bias: Symbol? = nil
  ) throws -> Symbol {
    guard x.shape.rank == 2, weight.shape.rank == 2 else {
      throw GraphError(
        path: currentPath, message: "expects [N, C] and [O, C], got \(x.shape), \(weight.shape)")
    }
    // A dense layer is a convolution over a single point.
    let point = try reshape(x, Shape(x.shape.extents + [1, 1]))
    let kernel = try reshape(weight, Shape(weight.shape.extents + [1, 1]))
    let y = try convolution(point, weight: kernel, bias: bias, window: Window(kernel: [1, 1]))
    return try reshape(y, [x.shape.batch, weight.shape[0]])
  }
}
