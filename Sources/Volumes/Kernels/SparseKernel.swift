/// A filter of a few taps anywhere around a voxel, such as the trace of a motion.
///
/// Beyond the patch lie copies of the voxels on its border.
struct SparseKernel: Sendable {
  /// A voxel relative to the output's, and its weight.
  struct Tap: Sendable, Equatable {
    var offset: SIMD3<Int>
    var weight: Float
  }

  /// The taps, in the order in which they are summed.
  let taps: [Tap]

  /// Merges taps at equal places; those of weight 0 are left out.
  init(_ taps: [Tap]) {
    var merged: [Tap] = []
    for tap in taps {
      if let place = merged.firstIndex(where: { $0.offset == tap.offset }) {
        merged[place].weight += tap.weight
      } else {
        merged.append(tap)
      }
    }
    self.taps = merged.filter { $0.weight != 0 }
  }

  /// Filters one channel of a patch.
  ///
  /// - Parameters:
  ///   - patch: `[channels, d, h, w]`.
  ///   - range: the channel's voxels.
  ///   - size: (d, h, w).
  func apply(to patch: inout MutableSpan<Float>, _ range: Range<Int>, size: [Int]) {
    precondition(
      range.count == size[0] * size[1] * size[2] && range.lowerBound >= 0
        && range.upperBound <= patch.count, "the channel fills the grid")
    let reach = (0..<3).map { axis in taps.map { abs($0.offset[axis]) }.max() ?? 0 }
    let padded = (0..<3).map { size[$0] + 2 * reach[$0] }
    let source = pad(patch.span, range.lowerBound, size: size, reach: reach, padded: padded)
    let places = taps.map {
      (($0.offset.x + reach[0]) * padded[1] + $0.offset.y + reach[1]) * padded[2] + $0.offset.z
        + reach[2]
    }
    unsafe source.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for d in 0..<size[0] {
        for h in 0..<size[1] {
          let row = range.lowerBound + (d * size[1] + h) * size[2]
          let start = unsafe source + (d * padded[1] + h) * padded[2]
          patch.mapLanes(row..<row + size[2]) { offset, _ in
            var sum = Lanes.zero
            for tap in taps.indices {
              let place = unsafe UnsafeRawPointer(start + places[tap] + offset)
              sum += unsafe place.loadUnaligned(as: Lanes.self) * taps[tap].weight
            }
            return sum
          }
        }
      }
    }
  }

  /// The channel with copies of its border around, and a vector's length of zeros behind.
  private func pad(
    _ patch: Span<Float>, _ start: Int, size: [Int], reach: [Int], padded: [Int]
  ) -> [Float] {
    var result = [Float](repeating: 0, count: padded.reduce(1, *) + 8)
    var output = result.mutableSpan
    var target = 0
    for d in 0..<padded[0] {
      let plane = min(max(d - reach[0], 0), size[0] - 1) * size[1]
      for h in 0..<padded[1] {
        let row = start + (plane + min(max(h - reach[1], 0), size[1] - 1)) * size[2]
        for w in 0..<reach[2] { output[target + w] = patch[row] }
        for w in 0..<size[2] { output[target + reach[2] + w] = patch[row + w] }
        for w in 0..<reach[2] {
          output[target + reach[2] + size[2] + w] = patch[row + size[2] - 1]
        }
        target += padded[2]
      }
    }
    return result
  }
}
