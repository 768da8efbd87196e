import Compute

extension ReferenceEvaluator {
  /// A window over one to three spatial axes, seen as one over three.
  struct Window3 {
    let kernel: [Int]
    let stride: [Int]
    let dilation: [Int]
    let before: [Int]

    init(_ window: Window) {
      kernel = three(window.kernel, 1)
      stride = three(window.stride, 1)
      dilation = three(window.dilation, 1)
      before = three(window.paddingBefore, 0)
    }

    /// The taps of the kernel, row-major: their distance from the window's first element.
    var taps: [[Int]] {
      var taps: [[Int]] = []
      for z in 0..<kernel[0] {
        for y in 0..<kernel[1] {
          for x in 0..<kernel[2] {
            taps.append([z * dilation[0], y * dilation[1], x * dilation[2]])
          }
        }
      }
      return taps
    }
  }

  /// `numbers` with `fill` in front, so that there are three.
  static func three(_ numbers: [Int], _ fill: Int) -> [Int] {
    Array(repeating: fill, count: 3 - numbers.count) + numbers
  }

  /// The offset of `position` in a dense grid, or nil outside it.
  static func gridOffset(_ position: [Int], in grid: [Int]) -> Int? {
    guard
      position[0] >= 0, position[0] < grid[0], position[1] >= 0, position[1] < grid[1],
      position[2] >= 0, position[2] < grid[2]
    else { return nil }
    return (position[0] * grid[1] + position[1]) * grid[2] + position[2]
  }

  /// y[n, o, p] = b[o] + Σ_c,t w[o, c, t] x[n, c, p stride + t dilation - before], where x is zero
  /// outside and c runs over the channels of o's group.
  static func convolution(_ op: Convolution, _ operands: [ReferenceTensor]) -> ReferenceTensor {
    let (x, weight) = (operands[0], operands[1])
    let window = Window3(op.window)
    let spatial = x.shape.spatial.indices.map { axis in
      let padded =
        x.shape.spatial[axis] + op.window.paddingBefore[axis] + op.window.paddingAfter[axis]
      return (padded - (op.window.kernel[axis] - 1) * op.window.dilation[axis] - 1)
        / op.window.stride[axis] + 1
    }
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    let outputsPerGroup = outputs / op.groups
    let grid = three(x.shape.spatial, 1)
    let outputGrid = three(spatial, 1)
    let points = outputGrid.reduce(1, *)
    let taps = window.taps
    var y = ReferenceTensor(
      Shape(batch: x.shape.batch, channels: outputs, spatial: spatial), repeating: 0)
    for n in 0..<x.shape.batch {
      ReferenceTensor.forEachIndex(of: Shape(outputGrid)) { p in
        let offsets = taps.map { tap in
          gridOffset(
            (0..<3).map { p[$0] * window.stride[$0] + tap[$0] - window.before[$0] }, in: grid)
        }
        let point = (p[0] * outputGrid[1] + p[1]) * outputGrid[2] + p[2]
        for group in 0..<op.groups {
          // What the window sees, in the order of a weight's row.
          var patch: [Double] = []
          for c in (group * inputs)..<((group + 1) * inputs) {
            let base = (n * x.shape.channels + c) * grid.reduce(1, *)
            for offset in offsets { patch.append(offset.map { x.values[base + $0] } ?? 0) }
          }
          for o in (group * outputsPerGroup)..<((group + 1) * outputsPerGroup) {
            var sum = operands.count == 3 ? operands[2].values[o] : 0
            let row = o * patch.count
            var i = 0
            while i < patch.count {
              sum += patch[i] * weight.values[row + i]
              i += 1
            }
            y.values[(n * outputs + o) * points + point] = sum
          }
        }
      }
    }
    return y
  }

  /// y[n, o, p stride + t dilation - before] += w[c, o, t] x[n, c, p], starting from b[o].
  static func transposedConvolution(
    _ op: TransposedConvolution, _ operands: [ReferenceTensor]
  ) -> ReferenceTensor {
    let (x, weight) = (operands[0], operands[1])
    let window = Window3(op.window)
    let spatial = x.shape.spatial.indices.map { axis in
      (x.shape.spatial[axis] - 1) * op.window.stride[axis]
        + (op.window.kernel[axis] - 1) * op.window.dilation[axis] + 1
        - op.window.paddingBefore[axis] - op.window.paddingAfter[axis]
    }
    let outputs = weight.shape[1]
    let grid = three(x.shape.spatial, 1)
    let outputGrid = three(spatial, 1)
    let points = outputGrid.reduce(1, *)
    let taps = window.taps
    var y = ReferenceTensor(
      Shape(batch: x.shape.batch, channels: outputs, spatial: spatial), repeating: 0)
    if operands.count == 3 {
      for i in y.values.indices { y.values[i] = operands[2].values[i / points % outputs] }
    }
    ReferenceTensor.forEachIndex(of: Shape(grid)) { p in
      let offsets = taps.map { tap in
        gridOffset(
          (0..<3).map { p[$0] * window.stride[$0] + tap[$0] - window.before[$0] }, in: outputGrid)
      }
      let point = (p[0] * grid[1] + p[1]) * grid[2] + p[2]
      for n in 0..<x.shape.batch {
        for c in 0..<x.shape.channels {
          let value = x.values[(n * x.shape.channels + c) * grid.reduce(1, *) + point]
          for o in 0..<outputs {
            let base = (n * outputs + o) * points
            let row = (c * outputs + o) * taps.count
            for (t, offset) in offsets.enumerated() {
              guard let offset else { continue }
              y.values[base + offset] += weight.values[row + t] * value
            }
          }
        }
      }
    }
    return y
  }

  /// The largest or the mean element under each window; padding neither wins nor counts.
  static func pooling(_ op: Pooling, _ x: ReferenceTensor) -> ReferenceTensor {
    let window = Window3(op.window)
    let spatial = x.shape.spatial.indices.map { axis in
      let padded =
        x.shape.spatial[axis] + op.window.paddingBefore[axis] + op.window.paddingAfter[axis]
      return (padded - op.window.kernel[axis]) / op.window.stride[axis] + 1
    }
    let grid = three(x.shape.spatial, 1)
    let outputGrid = three(spatial, 1)
    let points = outputGrid.reduce(1, *)
    var y = ReferenceTensor(
      Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: spatial), repeating: 0)
    let taps = window.taps
    ReferenceTensor.forEachIndex(of: Shape(outputGrid)) { p in
      let offsets = taps.compactMap { tap in
        gridOffset(
          (0..<3).map { p[$0] * window.stride[$0] + tap[$0] - window.before[$0] }, in: grid)
      }
      let point = (p[0] * outputGrid[1] + p[1]) * outputGrid[2] + p[2]
      for map in 0..<(x.shape.batch * x.shape.channels) {
        let seen = offsets.map { x.values[map * grid.reduce(1, *) + $0] }
        y.values[map * points + point] =
          switch op.kind {
          case .maximum: seen.reduce(-Double.infinity, max)
          case .average: seen.reduce(0, +) / Double(seen.count)
          }
      }
    }
    return y
  }
}
