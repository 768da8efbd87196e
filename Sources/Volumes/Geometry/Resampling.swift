/// How one axis of `source` voxels becomes `target` voxels of the same field of view.
///
/// Output voxel o has its center at x = (o + 1/2) · source / target − 1/2 in input voxels: the outer
/// faces of both grids coincide. Centers beyond the first and last input voxel take its value. This
/// is SciPy's `zoom(order=1, grid_mode=True, mode="nearest")`, and nnU-Net's and skimage's `resize`.
/// Shrinking does not smooth first.
struct AxisResampling {
  let source: Int
  let target: Int

  /// For each output voxel, the input voxel below it and the weight of the next one.
  let lower: [Int]
  let weight: [Float]

  init(source: Int, target: Int) {
    self.source = source
    self.target = target
    var lower: [Int] = []
    var weight: [Float] = []
    let ratio = Double(source) / Double(target)
    for output in 0..<target {
      let x = min(max((Double(output) + 0.5) * ratio - 0.5, 0), Double(source - 1))
      let below = min(Int(x), max(source - 2, 0))
      lower.append(below)
      weight.append(Float(x - Double(below)))
    }
    self.lower = lower
    self.weight = weight
  }

  /// Interpolates along the middle axis of `[outer, source, inner]`, giving `[outer, target, inner]`.
  func linear(_ input: [Float], outer: Int, inner: Int) -> [Float] {
    if source == target { return input }
    var result = [Float](repeating: 0, count: outer * target * inner)
    var output = result.mutableSpan
    let values = input.span
    for block in 0..<outer {
      for place in 0..<target {
        let first = (block * source + lower[place]) * inner
        // A single voxel has no next one; its weight is 0.
        let second = source > 1 ? first + inner : first
        let to = (block * target + place) * inner
        let (w, v) = (weight[place], 1 - weight[place])
        for index in 0..<inner {
          output[to + index] = v * values[first + index] + w * values[second + index]
        }
      }
    }
    return result
  }
}

/// How labels are brought to another grid.
public enum LabelInterpolation: String, Codable, Sendable {
  /// The label of the nearest voxel (halves go up, as in SciPy's order 0).
  case nearest
  /// Each label's indicator is interpolated linearly, the largest wins, ties go to the lower label.
  case linear
}

/// Linear interpolation of `[channels, shape]` to `[channels, target]`, axis by axis.
///
/// O(output) in time; the largest intermediate has the larger extents of both grids.
func resampleLinearly(
  _ voxels: [Float], channels: Int, from shape: [Int], to target: [Int]
) -> [Float] {
  var voxels = voxels
  var extents = shape
  // The axis that shrinks most goes first, so that what follows is small.
  let order = (0..<3).sorted {
    let (a, b) = (target[$0] * extents[$1], target[$1] * extents[$0])
    return a != b ? a < b : $0 < $1
  }
  for axis in order {
    let outer = channels * extents[..<axis].reduce(1, *)
    let inner = extents[(axis + 1)...].reduce(1, *)
    let map = AxisResampling(source: extents[axis], target: target[axis])
    voxels = map.linear(voxels, outer: outer, inner: inner)
    extents[axis] = target[axis]
  }
  return voxels
}

extension Volume {
  /// The image on `target` (D, H, W) voxels of the same field of view, by linear interpolation.
  public func resampled(to target: [Int]) -> Volume {
    if target == geometry.shape { return self }
    return Volume(
      voxels: resampleLinearly(voxels, channels: channels, from: geometry.shape, to: target),
      channels: channels, geometry: geometry.resized(to: target), source: source)
  }
}

extension LabelVolume {
  /// The labels on `target` (D, H, W) voxels of the same field of view.
  public func resampled(to target: [Int], by method: LabelInterpolation = .linear) -> LabelVolume {
    if target == geometry.shape { return self }
    let result =
      switch method {
      case .nearest: nearest(to: target)
      case .linear: winners(on: target)
      }
    return LabelVolume(voxels: result, geometry: geometry.resized(to: target), source: source)
  }

  private func nearest(to target: [Int]) -> [UInt8] {
    let places = (0..<3).map { axis in
      let (from, to) = (geometry.shape[axis], target[axis])
      // floor(x + 1/2) of x = (o + 1/2) · from / to − 1/2, in integers.
      return (0..<to).map { ((2 * $0 + 1) * from) / (2 * to) }
    }
    let input = voxels.span
    return [UInt8](capacity: target.reduce(1, *)) { output in
      for d in places[0] {
        for h in places[1] {
          let row = (d * geometry.shape[1] + h) * geometry.shape[2]
          for w in places[2] { output.append(input[row + w]) }
        }
      }
    }
  }

  private func winners(on target: [Int]) -> [UInt8] {
    var best = [UInt8](repeating: labels.first ?? 0, count: target.reduce(1, *))
    var highest = [Float](repeating: -1, count: best.count)
    for label in labels {
      let share = resampleLinearly(
        voxels.map { $0 == label ? 1 : 0 }, channels: 1, from: geometry.shape, to: target)
      for index in share.indices where share[index] > highest[index] {
        highest[index] = share[index]
        best[index] = label
      }
    }
    return best
  }
}
