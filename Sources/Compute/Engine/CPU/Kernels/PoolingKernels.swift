internal import CDNNL

extension Pooling {
  private var algorithm: dnnl_alg_kind_t {
    kind == .maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding
  }

  func forwardDescriptor(
    _ plan: Lowering, src: MemoryDescriptor, y: Shape
  ) throws -> PrimitiveDescriptor {
    let dst = try MemoryDescriptor.any(y, src.type)
    let window = WindowArguments(window)
    let engine = unsafe plan.runtime.engine
    return try unsafe PrimitiveDescriptor("pooling_forward") { made, attributes in
      unsafe cdnnl_pooling_forward(
        made, engine, dnnl_forward_training, algorithm, src.raw, dst.raw, window.strides,
        window.kernel, window.before, window.after, attributes)
    }
  }

  func backwardDescriptor(
    _ plan: Lowering, diffSrc: MemoryDescriptor, diffDst: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws -> PrimitiveDescriptor {
    let window = WindowArguments(window)
    let engine = unsafe plan.runtime.engine
    return try unsafe PrimitiveDescriptor("pooling_backward") { made, attributes in
      unsafe cdnnl_pooling_backward(
        made, engine, algorithm, diffSrc.raw, diffDst.raw, window.strides, window.kernel,
        window.before, window.after, hint.raw, attributes)
    }
  }
}

extension Pooling: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let src = try plan.descriptor(x)
    let primitive = try forwardDescriptor(plan, src: src, y: y.shape)
    let dst = try primitive.descriptor(dnnl_query_dst_md, shape: y.shape)
    var arguments = [
      (Int32(DNNL_ARG_SRC), try plan.buffer(x)),
      (Int32(DNNL_ARG_DST), try plan.makeResult(y, dst)),
    ]
    if kind == .maximum {
      let workspace = try primitive.descriptor(dnnl_query_workspace_md, shape: y.shape)
      let buffer = plan.makeBuffer(.arena, workspace)
      plan.settle(node.outputs[1], in: buffer)
      plan.remember(primitive, for: node.outputs[1])
      arguments.append((Int32(DNNL_ARG_WORKSPACE), buffer))
    }
    try plan.emit(primitive, arguments)
  }
}

extension PoolingBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let gradient = node.inputs[0]
    let hint: PrimitiveDescriptor
    let diffDst: MemoryDescriptor
    if forward.kind == .maximum {
      hint = try plan.forwardDescriptor(of: node.inputs[1])
      // The index map has the forward result's layout: the gradient must follow it.
      diffDst = try hint.descriptor(dnnl_query_dst_md, shape: gradient.shape)
    } else {
      diffDst = try plan.descriptor(gradient)
      let src = try MemoryDescriptor.channelBlocked(
        inputShape, diffDst.type, block: diffDst.channelBlock() ?? 1)
      hint = try forward.forwardDescriptor(plan, src: src, y: gradient.shape)
    }
    let diffSrc = try hint.descriptor(dnnl_query_src_md, shape: inputShape)
    let primitive = try forward.backwardDescriptor(
      plan, diffSrc: diffSrc, diffDst: diffDst, hint: hint)
    var arguments = [
      (Int32(DNNL_ARG_DIFF_DST), try plan.buffer(gradient, as: diffDst)),
      (Int32(DNNL_ARG_DIFF_SRC), try plan.makeResult(node.outputs[0], diffSrc)),
    ]
    if forward.kind == .maximum {
      arguments.append((Int32(DNNL_ARG_WORKSPACE), try plan.buffer(node.inputs[1])))
    }
    try plan.emit(primitive, arguments)
  }
}
