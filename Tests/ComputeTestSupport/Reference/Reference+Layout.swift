import Compute

extension ReferenceEvaluator {
  /// Zeros around the spatial extents, or fewer elements where a number is negative.
  static func padCrop(_ op: PadCrop, _ x: ReferenceTensor) -> ReferenceTensor {
    let spatial = op.before.indices.map { x.shape.spatial[$0] + op.before[$0] + op.after[$0] }
    let shape = Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: spatial)
    return ReferenceTensor(shape) { index in
      var source = index
      for axis in op.before.indices {
        source[axis + 2] -= op.before[axis]
        guard (0..<x.shape[axis + 2]).contains(source[axis + 2]) else { return 0 }
      }
      return x[source]
    }
  }

  /// Maps one after another along the channel axis.
  static func concatenate(_ maps: [ReferenceTensor]) -> ReferenceTensor {
    let first = maps[0].shape
    let channels = maps.reduce(0) { $0 + $1.shape.channels }
    return ReferenceTensor(
      Shape(batch: first.batch, channels: channels, spatial: first.spatial)
    ) { index in
      var index = index
      for map in maps {
        if index[1] < map.shape.channels { return map[index] }
        index[1] -= map.shape.channels
      }
      return .nan
    }
  }

  /// Some consecutive channels.
  static func channelSlice(_ op: ChannelSlice, _ x: ReferenceTensor) -> ReferenceTensor {
    let shape = Shape(
      batch: x.shape.batch, channels: op.range.count, spatial: x.shape.spatial)
    return ReferenceTensor(shape) { index in
      var source = index
      source[1] += op.range.lowerBound
      return x[source]
    }
  }

  /// Reads the coordinate (o + 1/2) in / out - 1/2 on each axis. Nearest takes the closest sample,
  /// the later of two equally close; linear mixes the two around it, the edge repeated outside.
  static func resample(_ op: Resample, _ x: ReferenceTensor) -> ReferenceTensor {
    let shape = Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: op.spatial)
    return ReferenceTensor(shape) { index in
      // The corners of the cell around the coordinate, one axis after another.
      var corners = [Corner(index: [index[0], index[1]], weight: 1)]
      for axis in op.spatial.indices {
        let (from, to, o) = (x.shape[axis + 2], op.spatial[axis], index[axis + 2])
        switch op.interpolation {
        case .nearest:
          let source = (2 * o + 1) * from / (2 * to)
          corners = corners.map { $0.moved(to: source, times: 1) }
        case .linear:
          let coordinate = (Double(o) + 0.5) * Double(from) / Double(to) - 0.5
          let inside = min(max(coordinate, 0), Double(from - 1))
          let low = Int(inside)
          let high = min(low + 1, from - 1)
          let fraction = inside - Double(low)
          corners =
            corners.map { $0.moved(to: low, times: 1 - fraction) }
            + corners.map { $0.moved(to: high, times: fraction) }
        }
      }
      return corners.reduce(0) { $0 + $1.weight * x[$1.index] }
    }
  }

  /// A sample that an interpolation reads, and how much of it.
  private struct Corner {
    let index: [Int]
    let weight: Double

    func moved(to position: Int, times factor: Double) -> Corner {
      Corner(index: index + [position], weight: weight * factor)
    }
  }

  /// The sum over some axes, which keep an extent of 1.
  static func sum(_ op: Sum, _ x: ReferenceTensor) -> ReferenceTensor {
    var extents = x.shape.extents
    for axis in op.axes { extents[axis] = 1 }
    var y = ReferenceTensor(Shape(extents), repeating: 0)
    ReferenceTensor.forEachIndex(of: x.shape) { index in
      y[clamped(index, to: y.shape)] += x[index]
    }
    return y
  }

  /// Repeats the axes of extent 1.
  static func broadcast(_ op: Broadcast, _ x: ReferenceTensor) -> ReferenceTensor {
    ReferenceTensor(op.shape) { x[clamped($0, to: x.shape)] }
  }
}
