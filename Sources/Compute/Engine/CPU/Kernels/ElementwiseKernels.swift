internal import CDNNL

extension Activation: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (algorithm, alpha) = function.forwardAlgorithm
    try plan.lowerElementwise(node, algorithm, alpha: alpha, beta: 0)
  }
}

extension ScaleShift: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerElementwise(node, dnnl_eltwise_linear, alpha: scale, beta: shift)
  }
}

extension Logarithm: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerElementwise(node, dnnl_eltwise_log, alpha: 0, beta: 0)
  }
}

extension Power: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerElementwise(node, dnnl_eltwise_pow, alpha: 1, beta: exponent)
  }
}

extension Lowering {
  /// Emits an element-wise function of a node's input, in place where nothing else reads it.
  fileprivate func lowerElementwise(
    _ node: Node, _ algorithm: dnnl_alg_kind_t, alpha: Float, beta: Float
  ) throws {
    let src = try descriptor(node.inputs[0])
    let engine = unsafe runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("eltwise_forward") { made, attributes in
      unsafe cdnnl_eltwise_forward(
        made, engine, dnnl_forward_training, algorithm, src.raw, alpha, beta, attributes)
    }
    let source = try buffer(node.inputs[0])
    try emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), source),
        (Int32(DNNL_ARG_DST), makeResult(node.outputs[0], src, overwriting: node.inputs[0])),
      ])
  }

  /// The buffer for a result that may take the place of an input of the same layout.
  func makeResult(
    _ symbol: Symbol, _ descriptor: MemoryDescriptor, overwriting input: Symbol
  ) throws -> Int {
    let source = try buffer(input)
    guard try mayOverwrite(input), self.descriptor(ofBuffer: source).matches(descriptor) else {
      return try makeResult(symbol, descriptor)
    }
    settle(symbol, in: source)
    return source
  }
}

extension ActivationBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let data = try plan.descriptor(node.inputs[0])
    let (algorithm, alpha) = forward.function.backwardAlgorithm
    let engine = unsafe plan.runtime.engine
    let hint = try unsafe PrimitiveDescriptor("eltwise_forward") { made, attributes in
      unsafe cdnnl_eltwise_forward(
        made, engine, dnnl_forward_training, algorithm, data.raw, alpha, 0, attributes)
    }
    let primitive = try unsafe PrimitiveDescriptor("eltwise_backward") { made, attributes in
      unsafe cdnnl_eltwise_backward(
        made, engine, algorithm, data.raw, data.raw, alpha, 0, hint.raw, attributes)
    }
    let gradient = try plan.buffer(node.inputs[1], as: data)
    let inPlace = try gradient == plan.buffer(node.inputs[1])
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_DST), plan.buffer(node.inputs[0])),
        (Int32(DNNL_ARG_DIFF_DST), gradient),
        (
          Int32(DNNL_ARG_DIFF_SRC),
          inPlace
            ? plan.makeResult(node.outputs[0], data, overwriting: node.inputs[1])
            : plan.makeResult(node.outputs[0], data)
        ),
      ])
  }
}

extension PReLU: CPULowerable {
  /// `[C]` or `[1]` as the `[1, C, 1…]` that broadcasts over a feature map.
  ///
  /// Slopes lie in blocks of channels as the map does: for any other layout oneDNN has but a
  /// reference implementation, 50 times as slow. Where the last block is not full, that one is taken
  /// all the same, for the fast one leaves what fills the block undefined.
  static func slopes(_ slope: Shape, over map: MemoryDescriptor) throws -> MemoryDescriptor {
    let shape = Shape([1, slope[0]] + Array(repeating: 1, count: map.shape.rank - 2))
    let block = try map.channelBlock() ?? 1
    return try .channelBlocked(shape, map.type, block: slope[0] % block == 0 ? block : 1)
  }

  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, slope) = (node.inputs[0], node.inputs[1])
    let src = try plan.descriptor(x)
    let weights = try Self.slopes(slope.shape, over: src)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("prelu_forward") { made, attributes in
      unsafe cdnnl_prelu_forward(
        made, engine, dnnl_forward_training, src.raw, weights.raw, attributes)
    }
    plan.remember(primitive, for: node.outputs[0])
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x)),
        (Int32(DNNL_ARG_WEIGHTS), plan.buffer(slope, viewedAs: weights)),
        (Int32(DNNL_ARG_DST), plan.makeResult(node.outputs[0], src)),
      ])
  }
}

extension PReLUBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, slope, gradient) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let src = try plan.descriptor(x)
    let weights = try PReLU.slopes(slope.shape, over: src)
    let engine = unsafe plan.runtime.engine
    let hint = try unsafe PrimitiveDescriptor("prelu_forward") { made, attributes in
      unsafe cdnnl_prelu_forward(
        made, engine, dnnl_forward_training, src.raw, weights.raw, attributes)
    }
    let primitive = try unsafe PrimitiveDescriptor("prelu_backward") { made, attributes in
      unsafe cdnnl_prelu_backward(
        made, engine, src.raw, weights.raw, src.raw, weights.raw, hint.raw, attributes)
    }
    let diffWeights = plan.makeBuffer(.arena, weights)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x)),
        (Int32(DNNL_ARG_WEIGHTS), plan.buffer(slope, viewedAs: weights)),
        (Int32(DNNL_ARG_DIFF_DST), plan.buffer(gradient, as: src)),
        (Int32(DNNL_ARG_DIFF_SRC), plan.makeResult(node.outputs[0], src)),
        (Int32(DNNL_ARG_DIFF_WEIGHTS), diffWeights),
      ])
    let result = try plan.makeResult(node.outputs[1], .dense(slope.shape))
    try plan.emitReorder(
      from: diffWeights, to: plan.makeView(of: result, atByte: 0, .dense(weights.shape)))
  }
}
