internal import Volumes

/// A structure cut out of a label volume: for each plane of a box one byte a voxel, 1 inside, with a
/// rim of zeros all around, so that neighbors need no check.
struct MaskPlanes: Sendable {
  /// Voxels of the box along (D, H, W).
  let shape: [Int]
  /// D + 2 planes of (H + 2) x (W + 2) bytes; voxel (z, y, x) of the box stands in plane z + 1 at
  /// row y + 1 and column x + 1.
  let planes: [[UInt8]]

  /// Cuts `box` out of `labels` (D, H, W order, of `extents`).
  ///
  /// - Complexity: O(voxels of the box).
  init(_ labels: [UInt8], extents: [Int], members: [Bool], box: Box, threads: Int) {
    let shape = box.shape
    let width = shape[2] + 2
    let empty = [UInt8](repeating: 0, count: (shape[1] + 2) * width)
    self.shape = shape
    let inner = ParallelLoop.map(shape[0], threads: threads) { z in
      var plane = empty
      var output = plane.mutableSpan
      let (input, inside) = (labels.span, members.span)
      for y in 0..<shape[1] {
        let start =
          ((z + box.origin[0]) * extents[1] + y + box.origin[1]) * extents[2] + box.origin[2]
        let target = (y + 1) * width + 1
        for x in 0..<shape[2] where inside[Int(input[start + x])] { output[target + x] = 1 }
      }
      return plane
    }
    planes = [empty] + inner + [empty]
  }

  /// The smallest box around the voxels whose label is a member; nil where there is none.
  ///
  /// - Complexity: O(voxels).
  static func box(
    _ labels: [UInt8], extents: [Int], members: [Bool], threads: Int
  ) -> Box? {
    typealias Bounds = (low: SIMD2<Int>, high: SIMD2<Int>)
    let planes = ParallelLoop.map(extents[0], threads: threads) { z -> [Int]? in
      let (input, inside) = (labels.span, members.span)
      var (low, high) = (SIMD2(extents[1], extents[2]), SIMD2(-1, -1))
      for y in 0..<extents[1] {
        let row = (z * extents[1] + y) * extents[2]
        var first = 0
        while first < extents[2], !inside[Int(input[row + first])] { first += 1 }
        guard first < extents[2] else { continue }
        var last = extents[2] - 1
        while !inside[Int(input[row + last])] { last -= 1 }
        low = SIMD2(min(low[0], y), min(low[1], first))
        high = SIMD2(y, max(high[1], last))
      }
      return high[0] < 0 ? nil : [low[0], low[1], high[0], high[1]]
    }
    guard let front = planes.firstIndex(where: { $0 != nil }),
      let back = planes.lastIndex(where: { $0 != nil })
    else { return nil }
    let found = planes.compactMap(\.self)
    let low = (0..<2).map { axis in found.map { $0[axis] }.min() ?? 0 }
    let high = (0..<2).map { axis in found.map { $0[axis + 2] }.max() ?? 0 }
    return Box(
      origin: [front] + low,
      shape: [back - front + 1, high[0] - low[0] + 1, high[1] - low[1] + 1])
  }
}
