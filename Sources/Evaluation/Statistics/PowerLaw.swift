internal import Foundation

/// y = coefficient · x^exponent, fitted by least squares of log y on log x, as data-limitation
/// studies fit a metric to the number of training subjects.
public struct PowerLaw: Sendable, Equatable {
  /// The value at x = 1, in y's unit.
  public let coefficient: Double
  /// The slope in log space.
  public let exponent: Double
  /// The share of the variance of log y explained, in 0...1; `nil` when y is constant, where the
  /// quotient is 0/0.
  public let rSquared: Double?

  /// Fits positive points.
  ///
  /// - Throws: ``StatisticsError`` for unlike lengths, fewer than two points, a value that is not
  ///   a finite number above zero, or an x that is constant.
  public init(x: [Double], y: [Double]) throws(StatisticsError) {
    guard x.count == y.count else { throw .unpaired(first: x.count, second: y.count) }
    guard x.count >= 2 else { throw .tooFew(have: x.count, need: 2) }
    for values in [x, y] {
      try StatisticsError.requireFinite(values)
      if let index = values.firstIndex(where: { $0 <= 0 }) { throw .notPositive(index: index) }
    }
    guard x.contains(where: { $0 != x[0] }) else { throw .constant(count: x.count) }
    let logX = x.map { log($0) }
    let logY = y.map { log($0) }
    let meanX = Aggregate.mean(logX)
    let meanY = Aggregate.mean(logY)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(logX, logY) {
      xx += (a - meanX) * (a - meanX)
      xy += (a - meanX) * (b - meanY)
      yy += (b - meanY) * (b - meanY)
    }
    guard xx > 0 else { throw .constant(count: x.count) }
    guard y.contains(where: { $0 != y[0] }), yy > 0 else {
      coefficient = y[0]
      exponent = 0
      rSquared = nil
      return
    }
    exponent = xy / xx
    coefficient = exp(meanY - xy / xx * meanX)
    rSquared = min(1, xy * xy / (xx * yy))
  }

  /// The curve's value at `x` above zero.
  public func value(at x: Double) -> Double { coefficient * pow(x, exponent) }
}
