internal import Volumes

/// What one pass over a channel's voxels tells.
struct ImageStatistics {
  /// The least and the greatest finite value; nil where there is none.
  private(set) var range: ClosedRange<Float>?
  /// Voxels at the greatest value.
  private(set) var countAtMaximum = 0
  /// The different values, where they are at most ``fewValues``; nil where there are more.
  private(set) var values: [Float]?
  /// Slices of one value between slices of several: axis (0...2) and place along it.
  private(set) var blankSlices: [(axis: Int, place: Int)] = []
  /// The 1st, 50th and 99th percentile of the finite values, of a regular sample of them.
  private(set) var levels: [Double] = []

  /// Up to so many different values are few.
  static let fewValues = 8
  private static let sampleSize = 4096

  /// Looks at channel `channel` of an image.
  ///
  /// - Complexity: O(voxels).
  init(of image: Volume, channel: Int) {
    let shape = image.geometry.shape
    let count = image.geometry.count
    let voxels = image.voxels.span.extracting(channel * count..<(channel + 1) * count)
    findRanges(voxels, shape)
    findValues(voxels)
    findLevels(voxels)
  }

  /// The range of every slice along each axis, and with them of all.
  private mutating func findRanges(_ voxels: Span<Float>, _ shape: [Int]) {
    var low = shape.map { [Float](repeating: .infinity, count: $0) }
    var high = shape.map { [Float](repeating: -.infinity, count: $0) }
    var lowest = low[2]
    var highest = high[2]
    var place = 0
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        var (rowLow, rowHigh) = (Float.infinity, -Float.infinity)
        for w in 0..<shape[2] {
          let value = voxels[place + w]
          guard value.isFinite else { continue }
          rowLow = min(rowLow, value)
          rowHigh = max(rowHigh, value)
          lowest[w] = min(lowest[w], value)
          highest[w] = max(highest[w], value)
        }
        place += shape[2]
        low[0][d] = min(low[0][d], rowLow)
        high[0][d] = max(high[0][d], rowHigh)
        low[1][h] = min(low[1][h], rowLow)
        high[1][h] = max(high[1][h], rowHigh)
      }
    }
    (low[2], high[2]) = (lowest, highest)
    guard let least = low[0].min(), let most = high[0].max(), least <= most else { return }
    range = least...most
    for index in voxels.indices where voxels[index] == most { countAtMaximum += 1 }
    for axis in 0..<3 {
      let varied = (0..<shape[axis]).filter { low[axis][$0] < high[axis][$0] }
      guard let first = varied.first, let last = varied.last else { continue }
      for place in first..<last where low[axis][place] >= high[axis][place] {
        blankSlices.append((axis, place))
      }
    }
  }

  private mutating func findValues(_ voxels: Span<Float>) {
    var found: [Float] = []
    var last = Float.nan
    for index in voxels.indices {
      let value = voxels[index]
      if value == last || !value.isFinite { continue }
      last = value
      if found.contains(value) { continue }
      found.append(value)
      if found.count > Self.fewValues { return }
    }
    values = found
  }

  private mutating func findLevels(_ voxels: Span<Float>) {
    var sample: [Float] = []
    // An odd step meets all places of a row in turn.
    let step = max(1, voxels.count / Self.sampleSize) | 1
    for index in stride(from: 0, to: voxels.count, by: step) where voxels[index].isFinite {
      sample.append(voxels[index])
    }
    sample.sort()
    guard !sample.isEmpty else { return }
    levels = [0.01, 0.5, 0.99].map { part in
      Double(sample[Int((part * Double(sample.count - 1)).rounded())])
    }
  }
}
