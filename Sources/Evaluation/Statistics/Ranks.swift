/// Ranks of a sample, equal values sharing the mean of their ranks.
struct Ranks {
  /// Rank of each value, from 1, in the sample's order.
  var ranks: [Double]
  /// The sum of t^3 - t over the groups of t equal values; 0 without ties.
  var tieSum: Double

  /// Ranks finite `values`.
  ///
  /// - Complexity: O(n log n).
  init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    ranks = [Double](repeating: 0, count: values.count)
    tieSum = 0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      // Ranks start + 1 ... end, whose mean is a multiple of 1/2 and so exact.
      let shared = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = shared }
      let count = Double(end - start)
      tieSum += count * count * count - count
      start = end
    }
  }
}
