internal import CDNNL

extension Convert: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    // To an activation: whoever reads it asks for the layout it wants.
    // To dense: reordered now, unless it already is.
    let source = kind == .dense ? try plan.denseBuffer(x) : try plan.buffer(x)
    plan.settle(y, in: source)
  }
}

extension Reshape: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let source = try plan.denseBuffer(x)
    plan.settle(y, in: plan.makeView(of: source, atByte: 0, try .dense(y.shape)))
  }
}

extension PadCrop: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let src = try plan.descriptor(x)
    let dst = try MemoryDescriptor.channelBlocked(
      y.shape, src.type, block: src.channelBlock() ?? 1)
    let result = try plan.makeResult(y, dst)
    if before.contains(where: { $0 > 0 }) || after.contains(where: { $0 > 0 }) {
      try plan.emitZero(result)
    }
    let kept = x.shape.spatial.indices.map { axis in
      x.shape.spatial[axis] + min(0, before[axis]) + min(0, after[axis])
    }
    let shared = Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: kept)
    let from = try src.part(shared, at: [0, 0] + before.map { max(0, -$0) })
    let to = try dst.part(shared, at: [0, 0] + before.map { max(0, $0) })
    try plan.emitReorder(
      from: plan.makeView(of: plan.buffer(x), atByte: 0, from),
      to: plan.makeView(of: result, atByte: 0, to))
  }
}

extension Concatenate: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let y = node.outputs[0]
    let first = try plan.descriptor(node.inputs[0])
    var offset = 0
    let offsets = node.inputs.map { input in
      defer { offset += input.shape.channels }
      return offset
    }
    // Whole blocks of channels can be copied; parts that start within a block need dense rows.
    let preferred = try first.channelBlock() ?? 1
    let block = offsets.allSatisfy { $0 % preferred == 0 } ? preferred : 1
    let result = try plan.concatenationResult(y, type: first.type, block: block)
    let dst = plan.descriptor(ofBuffer: result)
    for (input, offset) in zip(node.inputs, offsets) {
      if try plan.isInPlace(input, within: y) { continue }
      let part = try dst.part(
        input.shape, at: [0, offset] + input.shape.spatial.map { _ in 0 })
      try plan.emitReorder(
        from: plan.buffer(input), to: plan.makeView(of: result, atByte: 0, part))
    }
  }
}

extension ChannelSlice: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let src = try plan.descriptor(x)
    let block = try src.channelBlock()
    let isWhole = { (block: Int) in
      range.lowerBound % block == 0
        && (range.upperBound % block == 0 || range.upperBound == x.shape.channels)
    }
    if let block, x.shape.batch == 1, isWhole(block) {
      let offset = range.lowerBound * x.shape.spatial.reduce(1, *) * src.elementSize
      let view = try MemoryDescriptor.channelBlocked(y.shape, src.type, block: block)
      plan.settle(y, in: plan.makeView(of: try plan.buffer(x), atByte: offset, view))
      return
    }
    let usable = block.map(isWhole) ?? false
    let source = usable ? src : try .dense(x.shape, src.type)
    let part = try source.part(
      y.shape, at: [0, range.lowerBound] + y.shape.spatial.map { _ in 0 })
    let result = try plan.makeResult(
      y, .channelBlocked(y.shape, src.type, block: usable ? block ?? 1 : 1))
    try plan.emitReorder(
      from: plan.makeView(of: plan.buffer(x, as: source), atByte: 0, part), to: result)
  }
}
