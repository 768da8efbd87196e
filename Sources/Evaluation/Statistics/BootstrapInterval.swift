internal import CounterRandom

/// A percentile bootstrap interval (Efron and Tibshirani, 1993, chapter 13).
///
/// Resample r draws from the random stream (seed, "bootstrap", r): the interval is the same bits
/// wherever and in whatever order resamples are computed.
public struct BootstrapInterval: Sendable, Equatable {
  /// The statistic of the sample itself.
  public let estimate: Double
  /// The interval's lower end.
  public let lower: Double
  /// The interval's upper end.
  public let upper: Double
  /// The share of the resamples' statistics between the ends, for example 0.95.
  public let confidence: Double
  /// Resamples drawn.
  public let resamples: Int

  /// The interval of a statistic of `values`. Give paired differences for a paired comparison.
  ///
  /// - Parameters:
  ///   - values: the sample; one value a subject.
  ///   - confidence: the share between the ends, above 0 and below 1.
  ///   - resamples: how many samples to draw with replacement; at least 1.
  ///   - seed: names the random streams.
  ///   - statistic: a function of a sample of as many values.
  /// - Throws: ``StatisticsError`` for an empty sample, a value that is not a finite number, or a
  ///   statistic that is not.
  /// - Complexity: O(resamples · n) draws and as many calls of `statistic` as resamples, plus one.
  public init(
    _ values: [Double], confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1,
    statistic: ([Double]) -> Double
  ) throws(StatisticsError) {
    precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
    precondition(resamples > 0, "at least one resample is needed")
    guard !values.isEmpty else { throw .tooFew(have: 0, need: 1) }
    try StatisticsError.requireFinite(values)
    let estimate = statistic(values)
    guard estimate.isFinite else { throw .statisticNotFinite(resample: 0) }
    var drawn = values
    var statistics: [Double] = []
    statistics.reserveCapacity(resamples)
    for resample in 0..<resamples {
      var random = RandomStream(seed: seed, "bootstrap", resample)
      for index in drawn.indices { drawn[index] = values[random.integer(below: values.count)] }
      let value = statistic(drawn)
      guard value.isFinite else { throw .statisticNotFinite(resample: resample) }
      statistics.append(value)
    }
    self.init(estimate: estimate, statistics: statistics, confidence: confidence)
  }

  /// The interval of the difference of a statistic between two independent samples, `first` minus
  /// `second`, each resampled by itself.
  ///
  /// Resample r draws `first`'s values and then `second`'s from the random stream
  /// (seed, "bootstrap difference", r). For paired samples take the interval of the differences.
  /// - Parameters:
  ///   - first: the first sample.
  ///   - second: the other sample; of any length.
  ///   - confidence: the share between the ends, above 0 and below 1.
  ///   - resamples: how many samples to draw with replacement; at least 1.
  ///   - seed: names the random streams.
  ///   - statistic: a function of a sample.
  /// - Throws: ``StatisticsError`` for an empty sample, a value that is not a finite number, or a
  ///   statistic that is not.
  /// - Complexity: O(resamples · n) draws and twice as many calls of `statistic` as resamples.
  public init(
    _ first: [Double], minus second: [Double], confidence: Double = 0.95,
    resamples: Int = 10_000, seed: UInt64 = 1, statistic: ([Double]) -> Double
  ) throws(StatisticsError) {
    precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
    precondition(resamples > 0, "at least one resample is needed")
    for values in [first, second] {
      guard !values.isEmpty else { throw .tooFew(have: 0, need: 1) }
      try StatisticsError.requireFinite(values)
    }
    let estimate = statistic(first) - statistic(second)
    guard estimate.isFinite else { throw .statisticNotFinite(resample: 0) }
    var (drawnFirst, drawnSecond) = (first, second)
    var statistics: [Double] = []
    statistics.reserveCapacity(resamples)
    for resample in 0..<resamples {
      var random = RandomStream(seed: seed, "bootstrap difference", resample)
      for index in first.indices {
        drawnFirst[index] = first[random.integer(below: first.count)]
      }
      for index in second.indices {
        drawnSecond[index] = second[random.integer(below: second.count)]
      }
      let value = statistic(drawnFirst) - statistic(drawnSecond)
      guard value.isFinite else { throw .statisticNotFinite(resample: resample) }
      statistics.append(value)
    }
    self.init(estimate: estimate, statistics: statistics, confidence: confidence)
  }

  private init(estimate: Double, statistics: [Double], confidence: Double) {
    let sorted = statistics.sorted()
    self.estimate = estimate
    self.confidence = confidence
    resamples = statistics.count
    lower = Quantile.of((1 - confidence) / 2, sorted: sorted)
    upper = Quantile.of((1 + confidence) / 2, sorted: sorted)
  }

  /// The interval of the mean.
  ///
  /// - Throws: ``StatisticsError``, as the general initializer.
  public static func mean(
    of values: [Double], confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1
  ) throws(StatisticsError) -> BootstrapInterval {
    try BootstrapInterval(
      values, confidence: confidence, resamples: resamples, seed: seed,
      statistic: Aggregate.mean)
  }

  /// The interval of the median.
  ///
  /// - Throws: ``StatisticsError``, as the general initializer.
  public static func median(
    of values: [Double], confidence: Double = 0.95, resamples: Int = 10_000, seed: UInt64 = 1
  ) throws(StatisticsError) -> BootstrapInterval {
    try BootstrapInterval(
      values, confidence: confidence, resamples: resamples, seed: seed,
      statistic: Quantile.median)
  }
}
