internal import CDNNL

extension TransposedConvolution {
  /// Dense `[C, O, k…]` as the `[O, C, k…]` that oneDNN's deconvolution speaks of.
  func swappedWeights(_ weight: Shape) throws -> MemoryDescriptor {
    let taps = weight.extents.dropFirst(2).reduce(1, *)
    var strides = [taps, weight[1] * taps]
    var step = taps
    for extent in weight.extents.dropFirst(2) {
      step /= extent
      strides.append(step)
    }
    return try MemoryDescriptor(
      Shape([weight[1], weight[0]] + weight.extents.dropFirst(2)), dnnl_f32, strides: strides)
  }

  /// The forward primitive for these shapes, layouts left to the library.
  func forwardDescriptor(
    _ plan: Lowering, x: Shape, weight: Shape, y: Shape
  ) throws -> PrimitiveDescriptor {
    let type = plan.activationType
    let swapped = Shape([weight[1], weight[0]] + weight.extents.dropFirst(2))
    let wanted = try (
      MemoryDescriptor.any(x, type), MemoryDescriptor.any(swapped, type),
      MemoryDescriptor.any(y, type)
    )
    let window = WindowArguments(window)
    let engine = unsafe plan.runtime.engine
    return try unsafe PrimitiveDescriptor("deconvolution_forward") { made, attributes in
      unsafe cdnnl_deconvolution_forward(
        made, engine, dnnl_forward_training, wanted.0.raw, wanted.1.raw, nil, wanted.2.raw,
        window.strides, window.dilates, window.before, window.after, attributes)
    }
  }
}

extension TransposedConvolution: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, weight, y) = (node.inputs[0], node.inputs[1], node.outputs[0])
    let primitive = try forwardDescriptor(
      plan, x: x.shape, weight: weight.shape, y: y.shape)
    let swapped = try swappedWeights(weight.shape)
    let src = try primitive.descriptor(dnnl_query_src_md, shape: x.shape)
    let weights = try primitive.descriptor(dnnl_query_weights_md, shape: swapped.shape)
    let dst = try primitive.descriptor(dnnl_query_dst_md, shape: y.shape)
    let result = try plan.makeResult(y, dst)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x, as: src)),
        (Int32(DNNL_ARG_WEIGHTS), plan.buffer(weight, viewedAs: weights, through: swapped)),
        (Int32(DNNL_ARG_DST), result),
      ])
    if node.inputs.count == 3 { try plan.emitBias(node.inputs[2], onto: result) }
  }
}

extension TransposedConvolutionBackwardWeights: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, gradient) = (node.inputs[0], node.inputs[1])
    let hint = try forward.forwardDescriptor(
      plan, x: x.shape, weight: weightShape, y: gradient.shape)
    let type = plan.activationType
    let swapped = try forward.swappedWeights(weightShape)
    let wanted = try (
      MemoryDescriptor.any(x.shape, type), MemoryDescriptor.any(swapped.shape, dnnl_f32),
      MemoryDescriptor.any(gradient.shape, type)
    )
    let window = WindowArguments(forward.window)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("deconvolution_backward_weights") {
      made, attributes in
      unsafe cdnnl_deconvolution_backward_weights(
        made, engine, wanted.0.raw, wanted.1.raw, nil, wanted.2.raw, window.strides,
        window.dilates, window.before, window.after, hint.raw, attributes)
    }
    let src = try primitive.descriptor(dnnl_query_src_md, shape: x.shape)
    let diffWeights = try primitive.descriptor(
      dnnl_query_diff_weights_md, shape: swapped.shape)
    let diffDst = try primitive.descriptor(dnnl_query_diff_dst_md, shape: gradient.shape)
    let blocked = plan.makeBuffer(.arena, diffWeights)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x, as: src)),
        (Int32(DNNL_ARG_DIFF_DST), plan.buffer(gradient, as: diffDst)),
        (Int32(DNNL_ARG_DIFF_WEIGHTS), blocked),
      ])
    if hasBias {
      let sums = try plan.makeResult(node.outputs[1], .dense([weightShape[1]]))
      try plan.emitSpatialSums(of: gradient, into: sums, as: [1, weightShape[1]])
    }
    let result = try plan.makeResult(node.outputs[0], .dense(weightShape))
    try plan.emitReorder(from: blocked, to: plan.makeView(of: result, atByte: 0, swapped))
  }
}
