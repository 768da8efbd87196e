internal import CDNNL

extension Sum: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    if x.shape == y.shape { return plan.settle(y, in: try plan.buffer(x)) }
    let dst = try MemoryDescriptor.dense(y.shape)
    // oneDNN 2.6 sums feature maps element by element, in one order and in float32: ten times as
    // long as a convolution of sixteen maps takes.
    if x.kind == .activation, (4...5).contains(x.shape.rank) {
      if y.shape.spatial.allSatisfy({ $0 == 1 }) {
        return try plan.emitSpatialSums(of: x, into: plan.makeResult(y, dst), as: y.shape)
      }
      if axes == [1] { return try plan.emitMapSum(of: x, into: plan.makeResult(y, dst)) }
    }
    let src = try plan.descriptor(x)
    let engine = unsafe plan.runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("reduction") { made, attributes in
      unsafe cdnnl_reduction_sum(made, engine, src.raw, dst.raw, attributes)
    }
    try plan.emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC), plan.buffer(x)), (Int32(DNNL_ARG_DST), plan.makeResult(y, dst)),
      ])
  }
}

extension Lowering {
  /// Sums a feature map over space for each sample and channel, and over samples or channels where
  /// `shape [N or 1, C or 1, …]` keeps 1 of them.
  ///
  /// Float32 within blocks of voxels of fixed size, double precision across them in order: the
  /// same bits for any number of threads.
  func emitSpatialSums(of symbol: Symbol, into result: Int, as shape: Shape) throws {
    let type = try descriptor(symbol).type
    let map = try buffer(symbol, as: vectorLayout(symbol.shape, type))
    let grid = VoxelGrid(symbol.shape)
    let channelBlocks = (grid.channels + 15) / 16
    let partial = makeBuffer(.arena, try .dense([grid.blocks, channelBlocks, 16]))
    let (samples, channels) = (shape[0], shape[1])
    let totals = try makeDoubles(samples * channels)
    if type == dnnl_bf16 {
      emitBlockSums(of: map, into: partial, grid, UInt16.self)
    } else {
      emitBlockSums(of: map, into: partial, grid, UInt32.self)
    }
    unsafe emit(over: [partial, totals, result]) { pointers, _ in
      let partials = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      let totals = unsafe pointers[1].assumingMemoryBound(to: Double.self)
      let sums = unsafe pointers[2].assumingMemoryBound(to: Float.self)
      for index in 0..<(samples * channels) { unsafe totals[index] = 0 }
      for block in 0..<grid.blocks {
        let row = samples == 1 ? 0 : block / grid.blocksPerSample * channels
        for channel in 0..<grid.channels {
          unsafe totals[row + (channels == 1 ? 0 : channel)] += Double(
            partials[block * channelBlocks * 16 + channel])
        }
      }
      for index in 0..<(samples * channels) { unsafe sums[index] = Float(totals[index]) }
    }
  }

  /// The sum of each block of voxels, for each channel.
  private func emitBlockSums<E: FeatureElement>(
    of map: Int, into partial: Int, _ grid: VoxelGrid, _: E.Type
  ) {
    let channelBlocks = (grid.channels + 15) / 16
    let runtime = runtime
    unsafe emit(over: [map, partial]) { pointers, _ in
      let values = unsafe UnsafeRawPointer(pointers[0])
      let partials = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channelBlock in 0..<channelBlocks {
          let start = (sample * channelBlocks + channelBlock) * grid.voxels
          var sum = Vector(repeating: 0)
          for voxel in voxels {
            sum += unsafe E.floats(
              values.loadUnaligned(
                fromByteOffset: (start + voxel) * bytes, as: SIMD16<E>.self))
          }
          unsafe store(sum, to: partials + (block * channelBlocks + channelBlock) * 16, count: 16)
        }
      }
    }
  }

  /// Adds up the channels of a feature map at each voxel: a dense map of one channel.
  fileprivate func emitMapSum(of symbol: Symbol, into result: Int) throws {
    let type = try descriptor(symbol).type
    let map = try buffer(symbol, as: vectorLayout(symbol.shape, type))
    let grid = VoxelGrid(symbol.shape)
    if type == dnnl_bf16 {
      emitMapSum(of: map, into: result, grid, UInt16.self)
    } else {
      emitMapSum(of: map, into: result, grid, UInt32.self)
    }
  }

  private func emitMapSum<E: FeatureElement>(
    of map: Int, into result: Int, _ grid: VoxelGrid, _: E.Type
  ) {
    let channelBlocks = (grid.channels + 15) / 16
    let runtime = runtime
    unsafe emit(over: [map, result]) { pointers, _ in
      let values = unsafe UnsafeRawPointer(pointers[0])
      let sums = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for voxel in voxels {
          var sum = Vector(repeating: 0)
          for channelBlock in 0..<channelBlocks {
            let start = (sample * channelBlocks + channelBlock) * grid.voxels
            sum += unsafe E.floats(
              values.loadUnaligned(
                fromByteOffset: (start + voxel) * bytes, as: SIMD16<E>.self))
          }
          let eight = sum.lowHalf + sum.highHalf
          let four = eight.lowHalf + eight.highHalf
          let two = four.lowHalf + four.highHalf
          unsafe sums[sample * grid.voxels + voxel] = two.x + two.y
        }
      }
    }
  }
}
