import Compute

extension ReferenceEvaluator {
  /// The largest element of each window, the first of equal ones, and its place in the window.
  static func indexedPooling(_ op: IndexedPooling, _ x: ReferenceTensor) -> [ReferenceTensor] {
    let spatial = zip(x.shape.spatial, op.extent).map { $0 / $1 }
    let shape = Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: spatial)
    var indices = ReferenceTensor(shape, repeating: 0)
    let maxima = ReferenceTensor(shape) { index in
      var best = -Double.infinity
      var place = 0
      ReferenceTensor.forEachIndex(of: Shape(op.extent)) { tap in
        let value = x[element(tap, ofWindow: index, op.extent)]
        if value > best {
          best = value
          indices[index] = Double(place)
        }
        place += 1
      }
      return best
    }
    return [maxima, indices]
  }

  /// Each element at the place within its window that its index names, zeros elsewhere.
  static func unpooling(
    _ op: Unpooling, _ x: ReferenceTensor, indices: ReferenceTensor
  ) -> ReferenceTensor {
    var y = ReferenceTensor(
      Shape(batch: x.shape.batch, channels: x.shape.channels, spatial: op.spatial), repeating: 0)
    ReferenceTensor.forEachIndex(of: x.shape) { index in
      var place = Int(indices[index])
      let tap = op.extent.reversed().map { extent in
        defer { place /= extent }
        return place % extent
      }
      y[element(tap.reversed(), ofWindow: index, op.extent)] = x[index]
    }
    return y
  }

  /// The multi-dimensional index of a window's element.
  private static func element(
    _ tap: [Int], ofWindow index: [Int], _ extent: [Int]
  ) -> [Int] {
    index.prefix(2) + extent.indices.map { index[$0 + 2] * extent[$0] + tap[$0] }
  }
}
