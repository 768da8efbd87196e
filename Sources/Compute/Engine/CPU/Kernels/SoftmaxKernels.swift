/// Calls `body(start, count)` for each run of at most sixteen voxels of a range.
@inline(__always)
func forEachVector(_ range: Range<Int>, _ body: (_ start: Int, _ count: Int) -> Void) {
  var start = range.lowerBound
  while start < range.upperBound {
    body(start, min(16, range.upperBound - start))
    start += 16
  }
}

extension Softmax: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (x, y) = (node.inputs[0], node.outputs[0])
    let grid = VoxelGrid(x.shape)
    let runtime = plan.runtime
    let source = try plan.denseBuffer(x)
    let result = try plan.makeResult(y, .dense(y.shape))
    unsafe plan.emit(over: [source, result]) { pointers, _ in
      let logits = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let output = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        forEachVector(voxels) { voxel, count in
          var largest = Vector(repeating: -.infinity)
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            largest = unsafe larger(largest, load(logits + at, count: count))
          }
          var sum = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            let power = unsafe exponential(load(logits + at, count: count) - largest)
            sum += power
            unsafe store(power, to: output + at, count: count)
          }
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            let power = unsafe load(output + at, count: count)
            unsafe store(power / sum, to: output + at, count: count)
          }
        }
      }
    }
  }
}

extension SoftmaxBackward: CPULowerable {
  func lower(_ node: Node, in plan: Lowering) throws {
    let (p, gradient) = (node.inputs[0], node.inputs[1])
    let grid = VoxelGrid(p.shape)
    let runtime = plan.runtime
    let sources = try [plan.denseBuffer(p), plan.denseBuffer(gradient)]
    let result = try plan.makeResult(node.outputs[0], .dense(p.shape))
    unsafe plan.emit(over: sources + [result]) { pointers, _ in
      let p = unsafe UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let d = unsafe UnsafePointer(pointers[1].assumingMemoryBound(to: Float.self))
      let output = unsafe pointers[2].assumingMemoryBound(to: Float.self)
      runtime.parallel(blocks: grid.blocks) { block in
        let (sample, voxels) = grid.block(block)
        forEachVector(voxels) { voxel, count in
          var dot = Vector(repeating: 0)
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            dot += unsafe load(p + at, count: count) * load(d + at, count: count)
          }
          for channel in 0..<grid.channels {
            let at = grid.index(sample, channel, voxel)
            let value =
              unsafe load(p + at, count: count) * (load(d + at, count: count) - dot)
            unsafe store(value, to: output + at, count: count)
          }
        }
      }
    }
  }
}
