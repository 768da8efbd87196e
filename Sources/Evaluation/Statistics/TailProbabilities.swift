internal import Foundation

/// Tail probabilities of the distributions that the tests need.
enum TailProbabilities {
  /// P(Z > z) of the standard normal distribution.
  static func normal(above z: Double) -> Double {
    0.5 * erfc(z / 2.0.squareRoot())
  }

  /// P(X > x) of the chi-square distribution with a whole number of degrees of freedom.
  ///
  /// Finite sums of positive terms (Abramowitz and Stegun 26.4.4 and 26.4.5), so that small tails
  /// keep their relative accuracy.
  ///
  /// - Complexity: O(degrees).
  static func chiSquare(above x: Double, degrees: Int) -> Double {
    precondition(degrees > 0, "degrees of freedom must be positive")
    guard x > 0 else { return 1 }
    let half = x / 2
    if degrees.isMultiple(of: 2) {
      var term = exp(-half)
      var sum = term
      for index in stride(from: 1, to: degrees / 2, by: 1) {
        term *= half / Double(index)
        sum += term
      }
      return sum
    }
    var sum = erfc(half.squareRoot())
    // half^(1/2) / Gamma(3/2), then one factor half / (i + 1/2) a term.
    var term = exp(-half) * half.squareRoot() * 2 / Double.pi.squareRoot()
    for index in stride(from: 1, through: (degrees - 1) / 2, by: 1) {
      sum += term
      term *= half / (Double(index) + 0.5)
    }
    return sum
  }
}
