internal import CDNNL

// A map of one channel added to every map, or multiplied with every map: what attention and
// broadcast residuals do. oneDNN 2.6 has a reference loop for it, which takes longer than a
// convolution.

/// What is done with each pair of elements.
enum RepeatedMapFunction {
  case sum
  case product
}

extension Lowering {
  /// Whether `b` is one map a sample that is repeated over the several maps of `a`.
  func isRepeatedMap(_ b: Symbol, over a: Symbol) -> Bool {
    a.kind == .activation && (4...5).contains(a.shape.rank) && a.shape.channels > 1
      && b.shape == Shape(batch: a.shape.batch, channels: 1, spatial: a.shape.spatial)
      && b.shape.spatial.contains { $0 > 1 }
  }

  /// Emits a sum or product with a repeated map, over the first operand where nothing else reads
  /// it.
  func lowerRepeatedMap(_ node: Node, _ function: RepeatedMapFunction) throws {
    let (a, b) = (node.inputs[0], node.inputs[1])
    let layout = try vectorLayout(a.shape, activationType)
    let source = try vectorBuffer(a)
    let inPlace = try source == buffer(a)
    let map = try denseBuffer(b)
    let result =
      inPlace
      ? try makeResult(node.outputs[0], layout, overwriting: a)
      : try makeResult(node.outputs[0], layout)
    let grid = VoxelGrid(a.shape)
    if activationType == dnnl_bf16 {
      emit(source, map, result, grid, function, UInt16.self)
    } else {
      emit(source, map, result, grid, function, UInt32.self)
    }
  }

  private func emit<E: FeatureElement>(
    _ source: Int, _ map: Int, _ result: Int, _ grid: VoxelGrid, _ function: RepeatedMapFunction,
    _: E.Type
  ) {
    let channelBlocks = (grid.channels + 15) / 16
    // Lanes beyond the last channel are padding, which must stay zero.
    var present = Vector(repeating: 1)
    for lane in 0..<16 where (channelBlocks - 1) * 16 + lane >= grid.channels { present[lane] = 0 }
    let lastLanes = present
    let runtime = runtime
    unsafe emit(over: [source, map, result]) { pointers, _ in
      let source = unsafe UnsafeRawPointer(pointers[0])
      let map = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      let result = unsafe pointers[2]
      let bytes = MemoryLayout<SIMD16<E>>.stride
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channelBlock in 0..<channelBlocks {
          let start = (sample * channelBlocks + channelBlock) * grid.voxels
          let lanes = channelBlock == channelBlocks - 1 ? lastLanes : Vector(repeating: 1)
          for voxel in voxels {
            let offset = (start + voxel) * bytes
            let x = unsafe E.floats(
              source.loadUnaligned(fromByteOffset: offset, as: SIMD16<E>.self))
            let factor = unsafe lanes * map[sample * grid.voxels + voxel]
            let y = function == .sum ? x + factor : x * factor
            unsafe result.storeBytes(
              of: E.nearestBits(y), toByteOffset: offset, as: SIMD16<E>.self)
          }
        }
      }
    }
  }
}
