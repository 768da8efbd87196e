extension MutableSpan where Element == Float {
  /// Replaces each element of `range` by what `body` makes of it, eight at a time; `body` also hears
  /// how far behind the start of the range they lie. The last lanes of the last call may hold zeros.
  @inline(__always)
  mutating func mapLanes(_ range: Range<Int>, _ body: (_ offset: Int, _ lanes: Lanes) -> Lanes) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range lies in the span")
    unsafe withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var index = range.lowerBound
      while index + 8 <= range.upperBound {
        let place = unsafe UnsafeMutableRawPointer(base + index)
        let lanes = unsafe place.loadUnaligned(as: Lanes.self)
        unsafe place.storeBytes(of: body(index - range.lowerBound, lanes), as: Lanes.self)
        index += 8
      }
      guard index < range.upperBound else { return }
      var lanes = Lanes.zero
      let rest = range.upperBound - index
      for lane in 0..<rest { lanes[lane] = unsafe base[index + lane] }
      lanes = body(index - range.lowerBound, lanes)
      for lane in 0..<rest { unsafe base[index + lane] = lanes[lane] }
    }
  }
}

/// The sum and the range of a channel of a patch.
struct PatchStatistics {
  /// The mean.
  var mean = 0.0
  /// The standard deviation (of the voxels themselves, not of a population).
  var deviation = 0.0
  /// The least voxel.
  var minimum = Float.infinity
  /// The largest voxel.
  var maximum = -Float.infinity

  /// Of the voxels at `range`. Runs of 2048 voxels are summed in eight lanes, the runs in Double, in
  /// order.
  init(of patch: Span<Float>, in range: Range<Int>) {
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= patch.count,
      "the range lies in the span")
    var (low, high) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
    var sum = 0.0
    var squares = 0.0
    // Squares are those of the distance from the first voxel: less is lost.
    let first = patch[range.lowerBound]
    unsafe patch.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var index = range.lowerBound
      while index < range.upperBound {
        let end = Swift.min(index + 2048, range.upperBound)
        var (partial, partialSquares) = (Lanes.zero, Lanes.zero)
        while index + 8 <= end {
          let lanes = unsafe UnsafeRawPointer(base + index).loadUnaligned(as: Lanes.self)
          low = choose(isLess(lanes, low), lanes, low)
          high = choose(isLess(high, lanes), lanes, high)
          let distance = lanes - first
          partial += distance
          partialSquares += distance * distance
          index += 8
        }
        var (total, totalSquares) = (Double(partial.sum()), Double(partialSquares.sum()))
        while index < end {
          let value = unsafe base[index]
          low[0] = value < low[0] ? value : low[0]
          high[0] = value > high[0] ? value : high[0]
          let distance = value - first
          total += Double(distance)
          totalSquares += Double(distance * distance)
          index += 1
        }
        sum += total
        squares += totalSquares
      }
    }
    let count = Double(range.count)
    mean = Double(first) + sum / count
    deviation = Swift.max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
    minimum = low.min()
    maximum = high.max()
  }
}
