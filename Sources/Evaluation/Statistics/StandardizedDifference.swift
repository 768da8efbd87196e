/// Mean differences in units of a standard deviation.
public enum StandardizedDifference {
  /// Cohen's d of paired samples (d_z): the mean of the differences over their sample standard
  /// deviation (divisor n - 1).
  ///
  /// - Throws: ``StatisticsError`` for fewer than two differences, one that is not a finite number,
  ///   or differences that are all equal (the deviation is zero).
  public static func paired(_ differences: [Double]) throws(StatisticsError) -> Double {
    let (mean, variance) = try moments(differences)
    guard variance > 0 else { throw .constant(count: differences.count) }
    return mean / variance.squareRoot()
  }

  /// Cohen's d of independent samples: the difference of the means over the pooled standard
  /// deviation.
  ///
  /// - Throws: ``StatisticsError`` for fewer than two values in a sample, one that is not a finite
  ///   number, or two constant samples.
  public static func independent(
    _ first: [Double], _ second: [Double]
  ) throws(StatisticsError) -> Double {
    let (meanFirst, varianceFirst) = try moments(first)
    let (meanSecond, varianceSecond) = try moments(second)
    let pooled =
      (Double(first.count - 1) * varianceFirst + Double(second.count - 1) * varianceSecond)
      / Double(first.count + second.count - 2)
    guard pooled > 0 else { throw .constant(count: first.count + second.count) }
    return (meanFirst - meanSecond) / pooled.squareRoot()
  }

  private static func moments(
    _ values: [Double]
  ) throws(StatisticsError) -> (mean: Double, variance: Double) {
    guard values.count >= 2 else { throw .tooFew(have: values.count, need: 2) }
    try StatisticsError.requireFinite(values)
    // Equal values have variance zero, whatever rounding makes of their mean.
    guard values.contains(where: { $0 != values[0] }) else { return (values[0], 0) }
    let mean = Aggregate.mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count - 1))
  }
}
