extension OverlapSums: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (p, labels) = (node.inputs[0], node.inputs[1])
    let grid = VoxelGrid(p.shape)
    let runtime = plan.runtime
    // Four sums for each block and class.
    let partial = try plan.makeDoubles(grid.blocks * grid.channels * 4)
    let results = try node.outputs.map { try plan.makeResult($0, .dense($0.shape)) }
    let sources = try [plan.denseBuffer(p), plan.denseBuffer(labels), partial]
    unsafe plan.emit(over: sources + results) { pointers, _ in
      let p = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let sums = unsafe pointers[2].assumingMemoryBound(to: Double.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channel in 0..<grid.channels {
          var (inside, all, squares, members) = (
            DoubleSums(), DoubleSums(), DoubleSums(), DoubleSums()
          )
          forEachVector(voxels) { voxel, count in
            let value = unsafe load(p + grid.index(sample, channel, voxel), count: count)
            let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
            let belongs = Vector(repeating: 0).replacing(
              with: Vector(repeating: 1), where: label .== Int32(channel))
            inside.add(value * belongs)
            all.add(value)
            squares.add(value * value)
            members.add(belongs)
          }
          let row = unsafe sums + (block * grid.channels + channel) * 4
          unsafe row[0] = inside.total
          unsafe row[1] = all.total
          unsafe row[2] = squares.total
          unsafe row[3] = members.total
        }
      }
      for sample in 0..<grid.samples {
        for channel in 0..<grid.channels {
          for kind in 0..<4 {
            var total = 0.0
            for position in 0..<grid.blocksPerSample {
              let block = sample * grid.blocksPerSample + position
              unsafe total += sums[(block * grid.channels + channel) * 4 + kind]
            }
            unsafe pointers[3 + kind].assumingMemoryBound(to: Float.self)[
              sample * grid.channels + channel] = Float(total)
          }
        }
      }
    }
  }
}

extension OverlapSumsBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let p = node.inputs[0]
    let grid = VoxelGrid(p.shape)
    let runtime = plan.runtime
    let sources = try node.inputs.map { try plan.denseBuffer($0) }
    let result = try plan.makeResult(node.outputs[0], .dense(p.shape))
    unsafe plan.emit(over: sources + [result]) { pointers, _ in
      let p = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let intersection = unsafe pointers[2].assumingMemoryBound(to: Float.self)
      let predicted = unsafe pointers[3].assumingMemoryBound(to: Float.self)
      let squared = unsafe pointers[4].assumingMemoryBound(to: Float.self)
      let output = unsafe pointers[5].assumingMemoryBound(to: Float.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        for channel in 0..<grid.channels {
          let row = sample * grid.channels + channel
          let (a, b, c) = unsafe (intersection[row], predicted[row], 2 * squared[row])
          forEachVector(voxels) { voxel, count in
            let at = grid.index(sample, channel, voxel)
            let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
            var value = unsafe load(p + at, count: count) * c + b
            value.replace(with: value + a, where: label .== Int32(channel))
            unsafe store(value, to: output + at, count: count)
          }
        }
      }
    }
  }
}
