/// The definition of sums in bfloat16: every node is rounded, and keeps what rounding took away.
package struct RoundedTree {
  package let shardCount: Int
  /// What each node keeps, by level and index.
  package private(set) var residuals: [[[Float]]]

  package init(shardCount: Int, elementCount: Int) {
    self.shardCount = shardCount
    var width = shardCount
    residuals = []
    while width > 0 {
      residuals.append(
        [[Float]](repeating: [Float](repeating: 0, count: elementCount), count: width))
      width /= 2
    }
  }

  /// One step: the sum of the leaves.
  package mutating func sum(_ leaf: (Int) -> [Float]) -> [Float] {
    var values = (0..<shardCount).map { keep(leaf($0), 0, $0) }
    for level in 1..<max(residuals.count, 1) {
      values = (0..<(values.count / 2)).map { index in
        keep(zip(values[2 * index], values[2 * index + 1]).map { $0 + $1 }, level, index)
      }
    }
    return values[0]
  }

  private mutating func keep(_ sums: [Float], _ level: Int, _ index: Int) -> [Float] {
    sums.indices.map { element in
      let sum = sums[element] + residuals[level][index][element]
      let rounded = Self.nearest(sum)
      residuals[level][index][element] = sum - rounded
      return rounded
    }
  }

  /// The nearest number with eight significant bits, by comparing its two candidates in `Double`.
  package static func nearest(_ value: Float) -> Float {
    let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
    let above = Float(bitPattern: (value.bitPattern & 0xFFFF_0000) + 0x1_0000)
    let (down, up) = (
      abs(Double(value) - Double(below)), abs(Double(above) - Double(value))
    )
    if down == up { return below.bitPattern & 0x1_0000 == 0 ? below : above }
    return down < up ? below : above
  }
}
