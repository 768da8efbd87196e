internal import CDNNL

extension Add: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerBinary(node, dnnl_binary_add)
  }
}

extension Divide: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerBinary(node, dnnl_binary_div)
  }
}

extension Multiply: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    try plan.lowerBinary(node, dnnl_binary_mul)
  }
}

extension Lowering {
  /// Emits an element-wise function of two inputs, over the first where nothing else reads it.
  fileprivate func lowerBinary(_ node: Node, _ algorithm: dnnl_alg_kind_t) throws {
    let (a, b) = (node.inputs[0], node.inputs[1])
    if isRepeatedMap(b, over: a) {
      return try lowerRepeatedMap(node, algorithm == dnnl_binary_add ? .sum : .product)
    }
    let src0 = try descriptor(a)
    // The second operand follows the first one's layout; repeated extents stay as they are.
    let src1: MemoryDescriptor
    if a.shape == b.shape {
      src1 = src0
    } else {
      let block = b.shape.rank > 2 && b.shape.channels > 1 ? try src0.channelBlock() ?? 1 : 1
      // A repeated summand keeps its precision; factors have always been rounded.
      let type = node.operation is Add ? try descriptor(b).type : src0.type
      src1 = try .channelBlocked(b.shape, type, block: block)
    }
    let engine = unsafe runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("binary") { made, attributes in
      unsafe cdnnl_binary(made, engine, algorithm, src0.raw, src1.raw, src0.raw, attributes)
    }
    let (first, second) = try (buffer(a), buffer(b, as: src1))
    let result =
      a == b
      ? try makeResult(node.outputs[0], src0)
      : try makeResult(node.outputs[0], src0, overwriting: a)
    try emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC_0), first), (Int32(DNNL_ARG_SRC_1), second),
        (Int32(DNNL_ARG_DST), result),
      ])
  }
}

extension Broadcast: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let dst = try MemoryDescriptor.dense(y.shape)
    let result = try plan.makeResult(y, dst)
    try plan.emitZero(result)
    let src = try MemoryDescriptor.dense(x.shape)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("binary") { made, attributes in
      unsafe cdnnl_binary(
        made, engine, dnnl_binary_add, dst.raw, src.raw, dst.raw, attributes)
    }
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC_0), result), (Int32(DNNL_ARG_SRC_1), plan.buffer(x, as: src)),
        (Int32(DNNL_ARG_DST), result),
      ])
  }
}

extension Fill: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (count, value) = (shape.count, value)
    let result = try plan.makeResult(node.outputs[0], .dense(shape))
    unsafe plan.emit(over: [result]) { pointers, _ in
      unsafe pointers[0].assumingMemoryBound(to: Float.self)
        .update(repeating: value, count: count)
    }
  }
}

extension Constant: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let values = values
    let result = try plan.makeResult(node.outputs[0], .dense(shape))
    unsafe plan.emit(over: [result]) { pointers, _ in
      unsafe pointers[0].assumingMemoryBound(to: Float.self).update(
        from: values, count: values.count)
    }
  }
}
