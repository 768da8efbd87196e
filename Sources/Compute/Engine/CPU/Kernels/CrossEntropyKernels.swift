extension CrossEntropy {
  /// Writes the weight of each sample's classes, `[N, C]`, and gives what the sum is divided by.
  ///
  /// Counting the labels makes both exact, and the same however the voxels are cut.
  fileprivate func weigh(
    _ labels: UnsafePointer<UInt8>, _ grid: VoxelGrid, into weights: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = 0.0
    for sample in 0..<grid.samples {
      for channel in 0..<grid.channels {
        var weight = classWeights.isEmpty ? 1 : Double(classWeights[channel])
        if balancesSamples || divisor == .weights {
          let label = UInt8(truncatingIfNeeded: channel)
          let start = grid.labelIndex(sample, 0)
          var found = 0
          for index in start..<start + grid.voxels where unsafe labels[index] == label {
            found += 1
          }
          if balancesSamples { weight *= 1 - Double(found) / Double(grid.voxels) }
          total += Double(found) * weight
        }
        unsafe weights[sample * grid.channels + channel] = weight
      }
    }
    return divisor == .weights ? total : Double(grid.samples * grid.voxels)
  }
}

/// What one vector of voxels says: the probability of each voxel's own label by its parts.
private struct OwnLabel {
  /// The largest logit.
  var largest = Vector(repeating: -.infinity)
  /// The label's logit.
  var picked = Vector(repeating: 0)
  /// The label's weight.
  var weight = Vector(repeating: 0)
  /// Σ exp(logit - largest).
  var sum = Vector(repeating: 0)
  /// The same over the other classes; kept where 1 - p is wanted, which it gives without
  /// cancellation.
  var others = Vector(repeating: 0)

  /// -log p.
  var entropy: Vector { largest - picked + logarithm(sum) }

  /// 1 - p, kept from 0 so that its powers and quotients stay finite.
  var miss: Vector { larger(others / sum, Vector(repeating: 1e-30)) }

  /// (1 - p)^γ.
  @inline(__always)
  func modulation(_ focus: Float) -> Vector { exponential(logarithm(miss) * focus) }
}

extension CrossEntropy: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (logits, labels) = (node.inputs[0], node.inputs[1])
    let grid = VoxelGrid(logits.shape)
    let runtime = plan.runtime
    let partial = try plan.makeDoubles(grid.blocks)
    let table = try plan.makeDoubles(grid.samples * grid.channels)
    let buffers = try [
      plan.denseBuffer(logits), plan.denseBuffer(labels), partial,
      plan.makeResult(node.outputs[0], .dense([1])), table,
    ]
    let focus = focus
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let sums = unsafe pointers[2].assumingMemoryBound(to: Double.self)
      let weights = unsafe pointers[4].assumingMemoryBound(to: Double.self)
      let normalizer = unsafe weigh(y, grid, into: weights)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        var blockSum = DoubleSums()
        forEachVector(voxels) { voxel, count in
          let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
          var found = OwnLabel()
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            found.largest = larger(found.largest, value)
            let mask = label .== Int32(channel)
            found.picked.replace(with: value, where: mask)
            found.weight.replace(
              with: unsafe Float(weights[sample * grid.channels + channel]), where: mask)
          }
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            let power = exponential(value - found.largest)
            found.sum += power
            if focus != 0 {
              found.others += power.replacing(with: 0, where: label .== Int32(channel))
            }
          }
          var weighted = found.weight * found.entropy
          if focus != 0 { weighted *= found.modulation(focus) }
          // Lanes beyond the last voxel hold no label.
          weighted.replace(with: 0, where: found.weight .== 0)
          blockSum.add(weighted)
        }
        unsafe sums[block] = blockSum.total
      }
      var total = 0.0
      for block in 0..<grid.blocks { unsafe total += sums[block] }
      unsafe pointers[3].assumingMemoryBound(to: Float.self).pointee =
        normalizer > 0 ? Float(total / normalizer) : 0
    }
  }
}

extension CrossEntropyBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (logits, labels, gradient) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let grid = VoxelGrid(logits.shape)
    let forward = forward
    let focus = forward.focus
    let runtime = plan.runtime
    let table = try plan.makeDoubles(grid.samples * grid.channels)
    let buffers = try [
      plan.denseBuffer(logits), plan.denseBuffer(labels), plan.denseBuffer(gradient),
      plan.makeResult(node.outputs[0], .dense(logits.shape)), table,
    ]
    unsafe plan.emit(over: buffers) { pointers, _ in
      let x = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let y = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: UInt8.self))
      let output = unsafe pointers[3].assumingMemoryBound(to: Float.self)
      let weights = unsafe pointers[4].assumingMemoryBound(to: Double.self)
      let normalizer = unsafe forward.weigh(y, grid, into: weights)
      let upstream = unsafe pointers[2].assumingMemoryBound(to: Float.self).pointee
      let factor = normalizer > 0 ? upstream / Float(normalizer) : 0
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        forEachVector(voxels) { voxel, count in
          let label = unsafe load(labels: y + grid.labelIndex(sample, voxel), count: count)
          var found = OwnLabel()
          for channel in 0..<grid.channels {
            let value = unsafe load(x + grid.index(sample, channel, voxel), count: count)
            found.largest = larger(found.largest, value)
            let mask = label .== Int32(channel)
            found.picked.replace(with: value, where: mask)
            found.weight.replace(
              with: unsafe Float(weights[sample * grid.channels + channel]), where: mask)
          }
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            let power = unsafe exponential(load(x + at, count: count) - found.largest)
            found.sum += power
            if focus != 0 {
              found.others += power.replacing(with: 0, where: label .== Int32(channel))
            }
            unsafe store(power, to: output + at, count: count)
          }
          var scale = found.weight * factor
          if focus != 0 {
            let p = exponential(found.picked - found.largest) / found.sum
            scale *= found.modulation(focus) * (1 + p * found.entropy * focus / found.miss)
            scale.replace(with: 0, where: found.weight .== 0)
          }
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            var value = unsafe load(output + at, count: count) / found.sum
            value.replace(with: value - 1, where: label .== Int32(channel))
            unsafe store(value * scale, to: output + at, count: count)
          }
        }
      }
    }
  }
}
