/// Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996):
/// NumPy's and R's default.
public enum Quantile {
  /// The quantile of an ascending, non-empty sample.
  ///
  /// - Parameters:
  ///   - fraction: 0 for the least value, 0.5 for the median, 1 for the greatest.
  ///   - sorted: the values in ascending order.
  /// - Returns: the value at position `fraction * (n - 1)`, counted from zero.
  public static func of(_ fraction: Double, sorted: [Double]) -> Double {
    precondition(!sorted.isEmpty, "a quantile needs at least one value")
    precondition((0...1).contains(fraction), "a quantile's fraction lies in 0...1")
    let position = fraction * Double(sorted.count - 1)
    let below = min(Int(position), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    let weight = position - Double(below)
    let step = sorted[above] - sorted[below]
    // From the nearer end, as NumPy does, so that the ends are met exactly.
    return weight < 0.5 ? sorted[below] + step * weight : sorted[above] - step * (1 - weight)
  }

  /// The median of a non-empty sample in any order.
  ///
  /// - Complexity: O(n log n).
  public static func median(_ values: [Double]) -> Double { of(0.5, sorted: values.sorted()) }
}

/// Middle and spread of a sample as papers report them.
public struct SampleSummary: Sendable, Equatable {
  /// Number of values.
  public var count: Int
  /// The least value.
  public var minimum: Double
  /// The first quartile.
  public var lowerQuartile: Double
  /// The median.
  public var median: Double
  /// The third quartile.
  public var upperQuartile: Double
  /// The greatest value.
  public var maximum: Double

  /// The distance between the quartiles.
  public var interquartileRange: Double { upperQuartile - lowerQuartile }

  /// Summarizes `values`, in any order.
  ///
  /// - Throws: ``StatisticsError`` when there is no value or one is not a finite number.
  /// - Complexity: O(n log n).
  public init(_ values: [Double]) throws(StatisticsError) {
    guard !values.isEmpty else { throw .tooFew(have: 0, need: 1) }
    try StatisticsError.requireFinite(values)
    let sorted = values.sorted()
    count = sorted.count
    minimum = sorted[0]
    lowerQuartile = Quantile.of(0.25, sorted: sorted)
    median = Quantile.of(0.5, sorted: sorted)
    upperQuartile = Quantile.of(0.75, sorted: sorted)
    maximum = sorted[sorted.count - 1]
  }
}
