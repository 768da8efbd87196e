internal import CDNNL

extension Normalization {
  /// The flags of oneDNN's batch normalization.
  func flags(fusingReLU: Bool) -> UInt32 {
    var flags = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    if statistics == .given { flags |= dnnl_use_global_stats.rawValue }
    if fusingReLU { flags |= dnnl_fuse_norm_relu.rawValue }
    return UInt32(flags)
  }

  func forwardDescriptor(
    _ plan: Lowering, _ src: MemoryDescriptor, fusingReLU: Bool
  ) throws -> PrimitiveDescriptor {
    let engine = unsafe plan.runtime.engine
    let propagation = statistics == .given ? dnnl_forward_inference : dnnl_forward_training
    return try unsafe PrimitiveDescriptor("batch_normalization_forward") { made, attributes in
      unsafe cdnnl_batch_normalization_forward(
        made, engine, propagation, src.raw, epsilon, flags(fusingReLU: fusingReLU), attributes)
    }
  }

  /// The samples that are normalized together: all at once, or one by one.
  ///
  /// oneDNN 2.6 knows batches only; an instance is a batch of one.
  func groupCount(_ x: Shape) -> Int { statistics == .instance ? x.batch : 1 }
}

extension Normalization: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    if spread == .deviation { return try lowerByDeviation(node, in: plan) }
    let x = node.inputs[0]
    let fused = plan.fusion.activation[plan.nodeIndex]
    let result = fused.map { plan.graph.nodes[$0].outputs[0] } ?? node.outputs[0]
    let whole = try plan.descriptor(x)
    let groups = groupCount(x.shape)
    let slices = try SampleSlices(of: whole, groups: groups)
    let primitive = try forwardDescriptor(plan, slices.descriptor, fusingReLU: fused != nil)
    let (source, scale, shift) = try (
      plan.buffer(x), plan.denseBuffer(node.inputs[1]), plan.denseBuffer(node.inputs[2])
    )
    let destination: Int
    if try plan.mayOverwrite(x) {
      destination = source
      plan.settle(result, in: destination)
    } else {
      destination = try plan.makeResult(result, whole)
    }
    let channels = try MemoryDescriptor.dense([x.shape.channels])
    let moments: (mean: Int, variance: Int)
    var workspace: (buffer: Int, descriptor: MemoryDescriptor)?
    if statistics == .given {
      moments = try (plan.denseBuffer(node.inputs[3]), plan.denseBuffer(node.inputs[4]))
    } else {
      let table = try MemoryDescriptor.dense(node.outputs[1].shape)
      moments = try (
        plan.makeResult(node.outputs[1], table), plan.makeResult(node.outputs[2], table)
      )
      if fused != nil {
        let one = try primitive.descriptor(
          dnnl_query_workspace_md, shape: slices.descriptor.shape)
        let storage = plan.makeBuffer(
          .arena, try .dense([groups * SampleSlices.padded(one.byteCount)], dnnl_u8))
        plan.settle(node.outputs[3], in: storage)
        plan.remember(primitive, for: node.outputs[3])
        workspace = (storage, one)
      }
    }
    for group in 0..<groups {
      let row = group * x.shape.channels * MemoryLayout<Float>.stride
      var arguments = [
        (Int32(DNNL_ARG_SRC), slices.view(of: source, group, in: plan)),
        (Int32(DNNL_ARG_DST), slices.view(of: destination, group, in: plan)),
        (Int32(DNNL_ARG_SCALE), scale), (Int32(DNNL_ARG_SHIFT), shift),
        (Int32(DNNL_ARG_MEAN), plan.makeView(of: moments.mean, atByte: row, channels)),
        (Int32(DNNL_ARG_VARIANCE), plan.makeView(of: moments.variance, atByte: row, channels)),
      ]
      if let workspace {
        let offset = group * SampleSlices.padded(workspace.descriptor.byteCount)
        arguments.append(
          (
            Int32(DNNL_ARG_WORKSPACE),
            plan.makeView(of: workspace.buffer, atByte: offset, workspace.descriptor)
          ))
      }
      try plan.emit(primitive, arguments)
    }
  }
}

extension NormalizationBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, gradient) = (node.inputs[0], node.inputs[1])
    let whole = try plan.descriptor(x)
    let groups = forward.groupCount(x.shape)
    let slices = try SampleSlices(of: whole, groups: groups)
    // Only a fused forward left a mask, and with it its descriptor.
    let fusedHint = try? plan.forwardDescriptor(of: node.inputs[5])
    let byDeviation = forward.spread == .deviation
    // Not 0: the channels that only fill a block have no variance, and 0 / 0 would spread from there.
    let plain = Normalization(
      statistics: forward.statistics, spread: .variance,
      epsilon: byDeviation ? 1e-30 : forward.epsilon)
    let hint =
      try fusedHint ?? plain.forwardDescriptor(plan, slices.descriptor, fusingReLU: false)
    let engine = unsafe plan.runtime.engine
    let flags = forward.flags(fusingReLU: fusedHint != nil)
    let primitive = try unsafe PrimitiveDescriptor("batch_normalization_backward") {
      made, attributes in
      unsafe cdnnl_batch_normalization_backward(
        made, engine, slices.descriptor.raw, slices.descriptor.raw, plain.epsilon, flags,
        hint.raw, attributes)
    }
    let (source, diffDst) = try (plan.buffer(x), plan.buffer(gradient, as: whole))
    let diffSrc: Int
    if try diffDst == plan.buffer(gradient) && plan.mayOverwrite(gradient) {
      diffSrc = diffDst
      plan.settle(node.outputs[0], in: diffSrc)
    } else {
      diffSrc = try plan.makeResult(node.outputs[0], whole)
    }
    let channels = try MemoryDescriptor.dense([x.shape.channels])
    let (diffScale, diffShift) = try (
      plan.makeResult(node.outputs[1], channels), plan.makeResult(node.outputs[2], channels)
    )
    let table = try MemoryDescriptor.dense([groups, x.shape.channels])
    let partial =
      groups == 1
      ? (diffScale, diffShift) : (plan.makeBuffer(.arena, table), plan.makeBuffer(.arena, table))
    let (mean, spread) = try (plan.buffer(node.inputs[3]), plan.buffer(node.inputs[4]))
    let scale = try plan.denseBuffer(node.inputs[2])
    let adapted =
      byDeviation
      ? try emitDeviationArguments(
        deviation: spread, scale: scale, groups: groups, channels: x.shape.channels, in: plan)
      : nil
    let mask = try fusedHint.map {
      (
        buffer: try plan.buffer(node.inputs[5]),
        descriptor: try $0.descriptor(dnnl_query_workspace_md, shape: slices.descriptor.shape)
      )
    }
    for group in 0..<groups {
      let row = group * x.shape.channels * MemoryLayout<Float>.stride
      var arguments = [
        (Int32(DNNL_ARG_SRC), slices.view(of: source, group, in: plan)),
        (Int32(DNNL_ARG_DIFF_DST), slices.view(of: diffDst, group, in: plan)),
        (Int32(DNNL_ARG_DIFF_SRC), slices.view(of: diffSrc, group, in: plan)),
        (
          Int32(DNNL_ARG_SCALE),
          adapted.map { plan.makeView(of: $0.scale, atByte: row, channels) } ?? scale
        ),
        (Int32(DNNL_ARG_MEAN), plan.makeView(of: mean, atByte: row, channels)),
        (
          Int32(DNNL_ARG_VARIANCE),
          plan.makeView(of: adapted?.variance ?? spread, atByte: row, channels)
        ),
        (Int32(DNNL_ARG_DIFF_SCALE), plan.makeView(of: partial.0, atByte: row, channels)),
        (Int32(DNNL_ARG_DIFF_SHIFT), plan.makeView(of: partial.1, atByte: row, channels)),
      ]
      if cdnnl_batch_normalization_backward_takes_shift() != 0 {
        arguments.append((Int32(DNNL_ARG_SHIFT), try plan.denseBuffer(node.inputs[2])))
      }
      if let mask {
        let offset = group * SampleSlices.padded(mask.descriptor.byteCount)
        arguments.append(
          (
            Int32(DNNL_ARG_WORKSPACE),
            plan.makeView(of: mask.buffer, atByte: offset, mask.descriptor)
          ))
      }
      try plan.emit(primitive, arguments)
    }
    if let adapted {
      emitScaleCorrection(
        of: partial.0, by: adapted.factor, count: groups * x.shape.channels, in: plan)
    }
    if groups > 1 {
      sumRows(of: partial.0, into: diffScale, rows: groups, columns: x.shape.channels, in: plan)
      sumRows(of: partial.1, into: diffShift, rows: groups, columns: x.shape.channels, in: plan)
    }
  }

  /// Adds the samples' gradients of scale or shift, the first sample first.
  private func sumRows(
    of table: Int, into result: Int, rows: Int, columns: Int, in plan: Lowering
  ) {
    unsafe plan.emit(over: [table, result]) { pointers, _ in
      let source = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      let destination = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      for column in 0..<columns {
        var sum = unsafe source[column]
        for row in 1..<rows { unsafe sum += source[row * columns + column] }
        unsafe destination[column] = sum
      }
    }
  }
}

/// A feature map cut along the batch axis into groups of samples that lie one after another.
struct SampleSlices {
  /// One group.
  let descriptor: MemoryDescriptor
  private let byteStride: Int

  init(of whole: MemoryDescriptor, groups: Int) throws {
    if groups == 1 {
      descriptor = whole
      byteStride = 0
      return
    }
    var shape = whole.shape
    shape.extents[0] = 1
    guard let block = try whole.channelBlock() else {
      throw EngineError("keeps its input in a layout that has no samples one after another")
    }
    descriptor = try .channelBlocked(shape, whole.type, block: block)
    byteStride = descriptor.byteCount
  }

  /// One group's tensor within a buffer.
  func view(of buffer: Int, _ group: Int, in plan: Lowering) -> Int {
    byteStride == 0 ? buffer : plan.makeView(of: buffer, atByte: group * byteStride, descriptor)
  }

  /// Workspaces start at multiples of 64 bytes.
  static func padded(_ byteCount: Int) -> Int { (byteCount + 63) / 64 * 64 }
}
