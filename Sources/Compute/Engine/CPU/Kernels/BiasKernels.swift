internal import CDNNL

// The bias of a transposed convolution, added and differentiated apart from it: oneDNN 2.6 spends
// more time on it than on the convolution (32 to 16 maps at 64^3 with 2 threads: 5.8 ms of 7 in
// float32, 40 of 41 in bfloat16).

extension Lowering {
  /// Adds `bias [C]` to every voxel of a feature map, in place.
  func emitBias(_ bias: Symbol, onto map: Int) throws {
    let dst = descriptor(ofBuffer: map)
    let shape = Shape(
      [1, bias.shape.count] + Array(repeating: 1, count: dst.shape.rank - 2))
    let wanted = try MemoryDescriptor.channelBlocked(
      shape, dnnl_f32, block: dst.channelBlock() ?? 1)
    let engine = unsafe runtime.engine
    let primitive = try unsafe PrimitiveDescriptor("binary") { made, attributes in
      unsafe cdnnl_binary(
        made, engine, dnnl_binary_add, dst.raw, wanted.raw, dst.raw, attributes)
    }
    try emit(
      primitive,
      [
        (Int32(DNNL_ARG_SRC_0), map), (Int32(DNNL_ARG_SRC_1), buffer(bias, viewedAs: wanted)),
        (Int32(DNNL_ARG_DST), map),
      ])
  }

  /// Sums a feature map over batch and space for each channel.
  ///
  /// Float32 within blocks of voxels of fixed size, double precision across them in order: the
  /// same bits for any number of threads.
  func emitChannelSums(of symbol: Symbol, into result: Int) throws {
    let kept = try descriptor(symbol)
    let source: MemoryDescriptor
    if try kept.channelBlock() == 16 {
      source = kept
    } else {
      source = try .channelBlocked(symbol.shape, kept.type, block: 16)
    }
    let map = try buffer(symbol, as: source)
    let grid = VoxelGrid(symbol.shape)
    let channelBlocks = (grid.channels + 15) / 16
    let partial = makeBuffer(.arena, try .dense([grid.blocks, channelBlocks, 16]))
    let isHalf = source.type == dnnl_bf16
    let runtime = runtime
    unsafe emit(over: [map, partial, result]) { pointers, _ in
      let partials = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channelBlock in 0..<channelBlocks {
          let start = (sample * channelBlocks + channelBlock) * grid.voxels
          var sum = Vector(repeating: 0)
          if isHalf {
            let values = unsafe UnsafeRawPointer(pointers[0])
            for voxel in voxels {
              let bits = unsafe values.loadUnaligned(
                fromByteOffset: (start + voxel) * 32, as: SIMD16<UInt16>.self)
              sum += unsafe unsafeBitCast(
                SIMD16<UInt32>(truncatingIfNeeded: bits) &<< 16, to: Vector.self)
            }
          } else {
            let values = unsafe UnsafeRawPointer(pointers[0])
            for voxel in voxels {
              sum += unsafe values.loadUnaligned(
                fromByteOffset: (start + voxel) * 64, as: Vector.self)
            }
          }
          unsafe store(sum, to: partials + (block * channelBlocks + channelBlock) * 16, count: 16)
        }
      }
      let sums = unsafe pointers[2].assumingMemoryBound(to: Float.self)
      for channel in 0..<grid.channels {
        var total = 0.0
        for block in 0..<grid.blocks {
          unsafe total += Double(partials[block * channelBlocks * 16 + channel])
        }
        unsafe sums[channel] = Float(total)
      }
    }
  }
}
