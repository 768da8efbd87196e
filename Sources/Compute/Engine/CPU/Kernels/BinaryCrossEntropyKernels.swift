extension BinaryCrossEntropy: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let grid = VoxelGrid(node.inputs[0].shape)
    let runtime = plan.runtime
    let buffers = try [
      plan.denseBuffer(node.inputs[0]), plan.denseBuffer(node.inputs[1]),
      plan.makeDoubles(grid.blocks), plan.makeResult(node.outputs[0], .dense([1])),
    ]
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let sums = unsafe pointers[2].assumingMemoryBound(to: Double.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        var blockSum = DoubleSums()
        for channel in 0..<grid.channels {
          forEachVector(voxels) { voxel, count in
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
            let positive = larger(value, Vector(repeating: 0))
            let magnitude = larger(value, -value)
            var loss = positive + logarithm(1 + exponential(-magnitude))
            loss.replace(with: loss - value, where: label .== Int32(channel))
            // Lanes beyond the last voxel hold the label 255, which no class has.
            loss.replace(with: 0, where: label .>= Int32(grid.channels))
            blockSum.add(loss)
          }
        }
        unsafe sums[block] = blockSum.total
      }
      var total = 0.0
      for block in 0..<grid.blocks { unsafe total += sums[block] }
      let count = grid.samples * grid.channels * grid.voxels
      unsafe pointers[3].assumingMemoryBound(to: Float.self).pointee = Float(
        total / Double(count))
    }
  }
}

extension BinaryCrossEntropyBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let logits = node.inputs[0]
    let grid = VoxelGrid(logits.shape)
    let runtime = plan.runtime
    let buffers =
      try node.inputs.map { try plan.denseBuffer($0) }
      + [plan.makeResult(node.outputs[0], .dense(logits.shape))]
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let output = unsafe pointers[3].assumingMemoryBound(to: Float.self)
      let count = Float(grid.samples * grid.channels * grid.voxels)
      let factor = unsafe pointers[2].assumingMemoryBound(to: Float.self).pointee / count
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channel in 0..<grid.channels {
          forEachVector(voxels) { voxel, count in
            let at = grid.index(sample, channel, voxel)
            let value = unsafe load(x + at, count: count)
            let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
            var gradient = 1 / (1 + exponential(-value))
            gradient.replace(with: gradient - 1, where: label .== Int32(channel))
            unsafe store(gradient * factor, to: output + at, count: count)
          }
        }
      }
    }
  }
}
