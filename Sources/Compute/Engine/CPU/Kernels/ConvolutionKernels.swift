internal import CDNNL

/// A window in oneDNN's terms: 64-bit extents, dilation counted from 0.
struct WindowArguments {
  let kernel: [Int64]
  let strides: [Int64]
  let dilates: [Int64]
  let before: [Int64]
  let after: [Int64]

  init(_ window: Window) {
    kernel = window.kernel.map { Int64($0) }
    strides = window.stride.map { Int64($0) }
    dilates = window.dilation.map { Int64($0 - 1) }
    before = window.paddingBefore.map { Int64($0) }
    after = window.paddingAfter.map { Int64($0) }
  }
}

extension Convolution {
  /// `[O, I, k…]` as oneDNN wants it: with groups, `[G, O / G, I, k…]`.
  func groupedShape(_ weight: Shape) -> Shape {
    groups == 1 ? weight : Shape([groups, weight[0] / groups] + weight.extents.dropFirst())
  }

  /// The forward primitive for these shapes, layouts left to the library.
  func forwardDescriptor(
    _ plan: Lowering, x: Shape, weight: Shape, y: Shape, hasBias: Bool,
    fusing activation: Activation.Function? = nil
  ) throws -> PrimitiveDescriptor {
    let type = plan.activationType
    let src = try MemoryDescriptor.any(x, type)
    let weights = try MemoryDescriptor.any(groupedShape(weight), type)
    let bias = hasBias ? try MemoryDescriptor.dense([weight[0]]) : nil
    let dst = try MemoryDescriptor.any(y, type)
    let arguments = WindowArguments(window)
    let engine = unsafe plan.runtime.engine
    return try unsafe PrimitiveDescriptor("convolution_forward", fusing: activation) {
      made, attributes in
      unsafe cdnnl_convolution_forward(
        made, engine, dnnl_forward_training, src.raw, weights.raw, bias?.raw, dst.raw,
        arguments.strides, arguments.dilates, arguments.before, arguments.after, attributes)
    }
  }
}

extension Convolution: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, weight) = (node.inputs[0], node.inputs[1])
    var result = node.outputs[0]
    var function: Activation.Function?
    if let index = plan.fusion.activation[plan.nodeIndex],
      let activation = plan.graph.nodes[index].operation as? Activation
    {
      result = plan.graph.nodes[index].outputs[0]
      function = activation.function
    }
    let primitive = try forwardDescriptor(
      plan, x: x.shape, weight: weight.shape, y: result.shape, hasBias: node.inputs.count == 3,
      fusing: function)
    let src = try primitive.descriptor(dnnl_query_src_md, shape: x.shape)
    let weights = try primitive.descriptor(
      dnnl_query_weights_md, shape: groupedShape(weight.shape))
    let dst = try primitive.descriptor(dnnl_query_dst_md, shape: result.shape)
    var arguments = [
      (Int32(DNNL_ARG_SRC), try plan.buffer(x, as: src)),
      (Int32(DNNL_ARG_WEIGHTS), try plan.buffer(weight, viewedAs: weights)),
      (Int32(DNNL_ARG_DST), try plan.makeResult(result, dst)),
    ]
    if node.inputs.count == 3 {
      arguments.append((Int32(DNNL_ARG_BIAS), try plan.denseBuffer(node.inputs[2])))
    }
    try plan.emit(primitive, arguments)
  }
}

extension ConvolutionBackwardData: CPULowerable {
  /// Whether the gradient is computed as a forward convolution with flipped, transposed weights.
  ///
  /// In float32 the library's forward kernels are a quarter faster than its backward ones. The
  /// rule looks at the operation only: both ways give different bits.
  private func runsForward(_ plan: Lowering) -> Bool {
    plan.activationType == dnnl_f32 && forward.groups == 1
      && forward.window.stride.allSatisfy { $0 == 1 }
      && forward.window.kernel.contains { $0 > 1 }
      && zip(forward.window.span, forward.window.paddingBefore).allSatisfy { $0 > $1 }
      && zip(forward.window.span, forward.window.paddingAfter).allSatisfy { $0 > $1 }
  }

  func lower(_ node: Node, in plan: Lowering) throws {
    if runsForward(plan) { return try lowerAsForward(node, in: plan) }
    let (weight, gradient) = (node.inputs[0], node.inputs[1])
    try forward.lowerBackwardData(
      weight: weight, gradient: gradient, result: node.outputs[0], in: plan)
  }

  private func lowerAsForward(_ node: Node, in plan: Lowering) throws {
    let (weight, gradient) = (node.inputs[0], node.inputs[1])
    let window = forward.window
    let mirrored = Convolution(
      window: Window(
        kernel: window.kernel, dilation: window.dilation,
        paddingBefore: zip(window.span, window.paddingBefore).map { $0 - 1 - $1 },
        paddingAfter: zip(window.span, window.paddingAfter).map { $0 - 1 - $1 }),
      groups: 1)
    let shape = weight.shape
    let mirroredShape = Shape([shape[1], shape[0]] + shape.extents.dropFirst(2))
    let primitive = try mirrored.forwardDescriptor(
      plan, x: gradient.shape, weight: mirroredShape, y: inputShape, hasBias: false)
    let src = try primitive.descriptor(dnnl_query_src_md, shape: gradient.shape)
    let weights = try primitive.descriptor(dnnl_query_weights_md, shape: mirroredShape)
    let dst = try primitive.descriptor(dnnl_query_dst_md, shape: inputShape)

    let prepared = try plan.isParameter(weight)
    let flipped = plan.makeBuffer(.arena, try .dense(mirroredShape))
    let taps = shape.extents.dropFirst(2).reduce(1, *)
    let (outputs, inputs) = (shape[0], shape[1])
    try unsafe plan.emit(over: [plan.denseBuffer(weight), flipped], inPrologue: prepared) {
      pointers, _ in
      let source = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      let destination = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      for input in 0..<inputs {
        for output in 0..<outputs {
          let from = unsafe source + (output * inputs + input) * taps
          let to = unsafe destination + (input * outputs + output) * taps
          for tap in 0..<taps { unsafe to[tap] = from[taps - 1 - tap] }
        }
      }
    }
    let blocked = plan.makeBuffer(prepared ? .weights : .arena, weights)
    try plan.emitReorder(from: flipped, to: blocked, inPrologue: prepared)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(gradient, as: src)),
        (Int32(DNNL_ARG_WEIGHTS), blocked),
        (Int32(DNNL_ARG_DST), plan.makeResult(node.outputs[0], dst)),
      ])
  }
}

extension Convolution {
  /// Emits the primitive that carries `gradient`, of this convolution's output, to its input.
  func lowerBackwardData(
    weight: Symbol, gradient: Symbol, result: Symbol, in plan: Lowering
  ) throws {
    let hint = try forwardDescriptor(
      plan, x: result.shape, weight: weight.shape, y: gradient.shape, hasBias: false)
    let type = plan.activationType
    let wanted = try (
      MemoryDescriptor.any(result.shape, type),
      MemoryDescriptor.any(groupedShape(weight.shape), type),
      MemoryDescriptor.any(gradient.shape, type)
    )
    let window = WindowArguments(window)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("convolution_backward_data") {
      made, attributes in
      unsafe cdnnl_convolution_backward_data(
        made, engine, wanted.0.raw, wanted.1.raw, wanted.2.raw, window.strides, window.dilates,
        window.before, window.after, hint.raw, attributes)
    }
    let diffSrc = try primitive.descriptor(dnnl_query_diff_src_md, shape: result.shape)
    let weights = try primitive.descriptor(
      dnnl_query_weights_md, shape: groupedShape(weight.shape))
    let diffDst = try primitive.descriptor(dnnl_query_diff_dst_md, shape: gradient.shape)
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_DIFF_DST), plan.buffer(gradient, as: diffDst)),
        (Int32(DNNL_ARG_WEIGHTS), plan.buffer(weight, viewedAs: weights)),
        (Int32(DNNL_ARG_DIFF_SRC), plan.makeResult(result, diffSrc)),
      ])
  }
}

extension ConvolutionBackwardWeights: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, gradient) = (node.inputs[0], node.inputs[1])
    let hint = try forward.forwardDescriptor(
      plan, x: x.shape, weight: weightShape, y: gradient.shape, hasBias: hasBias)
    let type = plan.activationType
    let grouped = forward.groupedShape(weightShape)
    let wanted = try (
      MemoryDescriptor.any(x.shape, type), MemoryDescriptor.any(grouped, dnnl_f32),
      MemoryDescriptor.any(gradient.shape, type)
    )
    let bias = hasBias ? try MemoryDescriptor.dense([weightShape[0]]) : nil
    let window = WindowArguments(forward.window)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("convolution_backward_weights") {
      made, attributes in
      unsafe cdnnl_convolution_backward_weights(
        made, engine, wanted.0.raw, wanted.1.raw, bias?.raw, wanted.2.raw, window.strides,
        window.dilates, window.before, window.after, hint.raw, attributes)
    }
    let src = try primitive.descriptor(dnnl_query_src_md, shape: x.shape)
    let diffWeights = try primitive.descriptor(dnnl_query_diff_weights_md, shape: grouped)
    let diffDst = try primitive.descriptor(dnnl_query_diff_dst_md, shape: gradient.shape)
    var arguments = [
      (Int32(DNNL_ARG_SRC), try plan.buffer(x, as: src)),
      (Int32(DNNL_ARG_DIFF_DST), try plan.buffer(gradient, as: diffDst)),
    ]
    if let bias {
      arguments.append((Int32(DNNL_ARG_DIFF_BIAS), try plan.makeResult(node.outputs[1], bias)))
    }
    if grouped == weightShape {
      arguments.append(
        (Int32(DNNL_ARG_DIFF_WEIGHTS), try plan.makeResult(node.outputs[0], diffWeights)))
      try plan.emit(primitive, arguments)
    } else {
      let blocked = plan.makeBuffer(.arena, diffWeights)
      arguments.append((Int32(DNNL_ARG_DIFF_WEIGHTS), blocked))
      try plan.emit(primitive, arguments)
      let result = try plan.makeResult(node.outputs[0], .dense(weightShape))
      try plan.emitReorder(
        from: blocked, to: plan.makeView(of: result, atByte: 0, .dense(grouped)))
    }
  }
}
