internal import Foundation

/// y = coefficient · x^exponent, fitted by least squares, as data-limitation studies fit a metric
/// to the number of training subjects (Desai et al., 2019).
public struct PowerLaw: Sendable, Equatable {
  /// Whose squared residuals are made least.
  public enum Fit: String, Sendable, CaseIterable {
    /// Those of y, as SciPy's `curve_fit` and the study of Desai et al.
    case values
    /// Those of log y: the straight line of log y on log x.
    case logarithms
  }

  /// What was made least.
  public let fit: Fit
  /// The value at x = 1, in y's unit.
  public let coefficient: Double
  /// The slope in log space.
  public let exponent: Double
  /// R2 in log space, whatever was made least: one minus the squared residuals of log y over the
  /// squared deviations of log y from its mean. At most 1; ``Fit/values`` can be below zero where
  /// the fit is worse than a constant there. `nil` when y is constant, where the quotient is 0/0.
  public let rSquared: Double?

  /// Fits positive points.
  ///
  /// - Parameters:
  ///   - x: the abscissae, such as numbers of training subjects; equal ones may occur.
  ///   - y: the values there.
  ///   - fit: whose residuals are made least.
  /// - Throws: ``StatisticsError`` for unlike lengths, fewer than two points, a value that is not
  ///   a finite number above zero, an x that is constant, or values that no power law follows.
  public init(x: [Double], y: [Double], fit: Fit = .values) throws(StatisticsError) {
    guard x.count == y.count else { throw .unpaired(first: x.count, second: y.count) }
    guard x.count >= 2 else { throw .tooFew(have: x.count, need: 2) }
    for values in [x, y] {
      try StatisticsError.requireFinite(values)
      if let index = values.firstIndex(where: { $0 <= 0 }) { throw .notPositive(index: index) }
    }
    let logX = x.map { log($0) }
    let meanX = Aggregate.mean(logX)
    let centered = logX.map { $0 - meanX }
    guard x.contains(where: { $0 != x[0] }), centered.contains(where: { $0 != 0 }) else {
      throw .constant(count: x.count)
    }
    self.fit = fit
    let logY = y.map { log($0) }
    let meanY = Aggregate.mean(logY)
    let deviations = logY.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
    guard y.contains(where: { $0 != y[0] }), deviations > 0 else {
      coefficient = y[0]
      exponent = 0
      rSquared = nil
      return
    }
    // y = scale · exp(slope · centered), which keeps the two parameters nearly independent.
    var line = Self.line(centered, logY)
    if fit == .values {
      guard let refined = Self.leastSquares(centered, y, from: line) else {
        throw .noFit(count: x.count)
      }
      line = refined
    }
    exponent = line.slope
    coefficient = exp(log(line.scale) - line.slope * meanX)
    let residuals = zip(centered, logY).reduce(0) { sum, point in
      let residual = point.1 - log(line.scale) - line.slope * point.0
      return sum + residual * residual
    }
    rSquared = 1 - residuals / deviations
  }

  /// The curve's value at `x` above zero.
  public func value(at x: Double) -> Double { coefficient * pow(x, exponent) }

  private typealias Line = (scale: Double, slope: Double)

  /// The regression of log y on centered log x.
  private static func line(_ centered: [Double], _ logY: [Double]) -> Line {
    let squares = centered.reduce(0) { $0 + $1 * $1 }
    let products = zip(centered, logY).reduce(0) { $0 + $1.0 * $1.1 }
    return (exp(Aggregate.mean(logY)), products / squares)
  }

  /// Gauss-Newton steps, halved until they lessen the squared residuals, from the regression of the
  /// logarithms; then Newton's to the root of the gradient, where the residuals are too flat to
  /// tell points apart. `nil` where they come to no end.
  private static func leastSquares(
    _ centered: [Double], _ y: [Double], from start: Line
  ) -> Line? {
    var line = start
    var residual = squaredResiduals(centered, y, line)
    for _ in 0..<200 {
      guard var step = step(centered, y, from: line, curvature: 0) else { return nil }
      if step.size < 1e-6 { return polished(line, centered, y) }
      var halvings = 0
      while true {
        let next: Line = (line.scale + step.scale, line.slope + step.slope)
        let nextResidual = next.scale > 0 ? squaredResiduals(centered, y, next) : .infinity
        if nextResidual < residual {
          (line, residual) = (next, nextResidual)
          break
        }
        halvings += 1
        // No step along the descent lessens them: rounding is all that is left.
        if halvings == 60 { return polished(line, centered, y) }
        step.scale /= 2
        step.slope /= 2
      }
    }
    return nil
  }

  /// Newton's steps as long as they shrink.
  private static func polished(_ line: Line, _ centered: [Double], _ y: [Double]) -> Line {
    var line = line
    var size = 1e-3
    while let step = step(centered, y, from: line, curvature: 1), step.size < size / 2 {
      line = (line.scale + step.scale, line.slope + step.slope)
      size = step.size
    }
    return line
  }

  private typealias Step = (scale: Double, slope: Double, size: Double)

  /// The step to where the gradient of the squared residuals is zero.
  ///
  /// - Parameters:
  ///   - centered: centered log x.
  ///   - y: the values.
  ///   - line: where the step begins.
  ///   - curvature: the weight of the second derivatives of the law: 0 for Gauss-Newton, 1 for
  ///     Newton.
  /// - Returns: the step, its size relative to the scale; `nil` where no minimum lies ahead.
  private static func step(
    _ centered: [Double], _ y: [Double], from line: Line, curvature: Double
  ) -> Step? {
    var (aa, ab, bb, ra, rb) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (place, value) in zip(centered, y) {
      let growth = exp(line.slope * place)
      let slope = line.scale * place * growth
      let rest = value - line.scale * growth
      aa += growth * growth
      ab += growth * slope - curvature * rest * place * growth
      bb += slope * slope - curvature * rest * place * slope
      ra += growth * rest
      rb += slope * rest
    }
    let determinant = aa * bb - ab * ab
    guard determinant > 0, determinant.isFinite else { return nil }
    let scale = (ra * bb - rb * ab) / determinant
    let slope = (aa * rb - ab * ra) / determinant
    return (scale, slope, max(abs(scale / line.scale), abs(slope)))
  }

  private static func squaredResiduals(
    _ centered: [Double], _ y: [Double], _ line: Line
  ) -> Double {
    zip(centered, y).reduce(0) { sum, point in
      let residual = point.1 - line.scale * exp(line.slope * point.0)
      return sum + residual * residual
    }
  }
}
