extension CrossEntropy {
  /// One weight a class.
  func weights(classes: Int) -> [Float] {
    classWeights.isEmpty ? Array(repeating: 1, count: classes) : classWeights
  }
}

/// The sum of the weights of all labels, in double precision: the normalizer of the mean.
///
/// Counting the labels makes it exact, and the same however the voxels are cut.
private func totalWeight(
  _ labels: UnsafePointer<UInt8>, count: Int, weights: [Float]
) -> Double {
  var total = 0.0
  for (label, weight) in weights.enumerated() {
    var found = 0
    for index in 0..<count where unsafe labels[index] == UInt8(truncatingIfNeeded: label) {
      found += 1
    }
    total += Double(found) * Double(weight)
  }
  return total
}

extension CrossEntropy: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (logits, labels) = (node.inputs[0], node.inputs[1])
    let grid = VoxelGrid(logits.shape)
    let weights = weights(classes: grid.channels)
    let runtime = plan.runtime
    let partial = try plan.makeDoubles(grid.blocks)
    let buffers = try [
      plan.denseBuffer(logits), plan.denseBuffer(labels), partial,
      plan.makeResult(node.outputs[0], .dense([1])),
    ]
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let sums = unsafe pointers[2].assumingMemoryBound(to: Double.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        var blockSum = DoubleSums()
        forEachVector(voxels) { voxel, count in
          let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
          var largest = Vector(repeating: -.infinity)
          var picked = Vector(repeating: 0)
          var weight = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            largest = larger(largest, value)
            let mask = label .== Int32(channel)
            picked.replace(with: value, where: mask)
            weight.replace(with: weights[channel], where: mask)
          }
          var sum = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            sum += exponential(value - largest)
          }
          var weighted = weight * (largest - picked + logarithm(sum))
          // Lanes beyond the last voxel hold no label.
          weighted.replace(with: 0, where: weight .== 0)
          blockSum.add(weighted)
        }
        unsafe sums[block] = blockSum.total
      }
      var total = 0.0
      for block in 0..<grid.blocks { unsafe total += sums[block] }
      let normalizer = unsafe totalWeight(
        y, count: grid.samples * grid.voxels, weights: weights)
      unsafe pointers[3].assumingMemoryBound(to: Float.self).pointee =
        normalizer > 0 ? Float(total / normalizer) : 0
    }
  }
}

extension CrossEntropyBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (logits, labels, gradient) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let grid = VoxelGrid(logits.shape)
    let weights = forward.weights(classes: grid.channels)
    let runtime = plan.runtime
    let buffers = try [
      plan.denseBuffer(logits), plan.denseBuffer(labels), plan.denseBuffer(gradient),
      plan.makeResult(node.outputs[0], .dense(logits.shape)),
    ]
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let output = unsafe pointers[3].assumingMemoryBound(to: Float.self)
      let normalizer = unsafe totalWeight(
        y, count: grid.samples * grid.voxels, weights: weights)
      let upstream = unsafe pointers[2].assumingMemoryBound(to: Float.self).pointee
      let factor = normalizer > 0 ? upstream / Float(normalizer) : 0
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        forEachVector(voxels) { voxel, count in
          let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
          var largest = Vector(repeating: -.infinity)
          var weight = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            largest = larger(largest, value)
            weight.replace(with: weights[channel], where: label .== Int32(channel))
          }
          var sum = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            let power = unsafe exponential(load(x + at, count: count) - largest)
            sum += power
            unsafe store(power, to: output + at, count: count)
          }
          let scale = weight * factor
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            var value = unsafe load(output + at, count: count) / sum
            value.replace(with: value - 1, where: label .== Int32(channel))
            unsafe store(value * scale, to: output + at, count: count)
          }
        }
      }
    }
  }
}
