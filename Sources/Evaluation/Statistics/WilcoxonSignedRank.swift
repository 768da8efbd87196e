/// The direction of a test's alternative hypothesis.
public enum Alternative: String, Sendable, CaseIterable {
  /// The differences are not centered on zero.
  case twoSided
  /// The differences tend to be below zero.
  case less
  /// The differences tend to be above zero.
  case greater
}

/// Wilcoxon's signed-rank test of paired samples (Biometrics Bulletin 1, 1945), as SciPy's
/// `wilcoxon` with `zero_method="wilcox"`: zero differences are dropped, equal magnitudes share the
/// mean of their ranks.
public struct WilcoxonSignedRank: Sendable, Equatable {
  /// How the p-value is found.
  public enum Method: String, Sendable, CaseIterable {
    /// SciPy's choice: exact for at most 50 pairs without ties or zeros and for at most 13 pairs
    /// with them, the normal approximation otherwise.
    case automatic
    /// The distribution of the statistic over all assignments of signs to the ranks at hand. With
    /// ties that is SciPy's permutation test, run through to the end.
    case exact
    /// The normal approximation with tie correction, without continuity correction.
    case normal
    /// The normal approximation with tie and continuity correction.
    case normalWithContinuity
  }

  /// The most non-zero differences that ``Method/exact`` accepts.
  public static let exactLimit = 500

  /// Pairs compared, zero differences included.
  public let pairs: Int
  /// Pairs whose difference is zero.
  public let zeros: Int
  /// The sum of the ranks of the positive differences.
  public let positiveRankSum: Double
  /// The sum of the ranks of the negative differences.
  public let negativeRankSum: Double
  /// The standardized positive rank sum, tie-corrected; with continuity correction where
  /// ``method`` says so.
  public let z: Double
  /// How the p-value was found; never ``Method/automatic``.
  public let method: Method
  /// The alternative tested.
  public let alternative: Alternative
  /// The p-value.
  public let pValue: Double

  /// The least two-sided p-value that the exact test can give of so many pairs: 2 / 2^pairs. Fewer
  /// than six pairs cannot differ at 0.05, whatever their values.
  public static func leastPValue(pairs: Int) -> Double {
    pairs < 1 ? 1 : Double(sign: .plus, exponent: 1 - pairs, significand: 1)
  }

  /// The lesser of the two rank sums: the statistic that two-sided tests report.
  public var statistic: Double { min(positiveRankSum, negativeRankSum) }

  /// Effect size r = Z / sqrt(pairs), signed as the differences (Rosenthal, 1994).
  public var effectSize: Double { z / Double(pairs).squareRoot() }

  /// Matched-pairs rank-biserial correlation (W+ - W-) / (W+ + W-), in -1...1 (Kerby, 2014).
  public var rankBiserial: Double {
    (positiveRankSum - negativeRankSum) / (positiveRankSum + negativeRankSum)
  }

  /// Tests `first[i] - second[i]`.
  ///
  /// - Parameters:
  ///   - first: one value a subject.
  ///   - second: the same subjects' other values, in the same order.
  ///   - method: how to find the p-value.
  ///   - alternative: the direction of the alternative hypothesis.
  /// - Throws: ``StatisticsError`` for unlike lengths and as the other initializer.
  public init(
    _ first: [Double], _ second: [Double], method: Method = .automatic,
    alternative: Alternative = .twoSided
  ) throws(StatisticsError) {
    guard first.count == second.count else {
      throw .unpaired(first: first.count, second: second.count)
    }
    try StatisticsError.requireFinite(first)
    try StatisticsError.requireFinite(second)
    try self.init(
      differences: zip(first, second).map { $0 - $1 }, method: method, alternative: alternative)
  }

  /// Tests paired differences.
  ///
  /// - Parameters:
  ///   - differences: one a subject.
  ///   - method: how to find the p-value.
  ///   - alternative: the direction of the alternative hypothesis.
  /// - Throws: ``StatisticsError`` when there is no difference, all are zero, one is not a finite
  ///   number, or there are too many for the exact distribution.
  /// - Complexity: O(n log n), and O(n^3) for the exact distribution.
  public init(
    differences: [Double], method: Method = .automatic, alternative: Alternative = .twoSided
  ) throws(StatisticsError) {
    guard !differences.isEmpty else { throw .tooFew(have: 0, need: 1) }
    try StatisticsError.requireFinite(differences)
    let nonzero = differences.filter { $0 != 0 }
    guard !nonzero.isEmpty else { throw .noDifference(pairs: differences.count) }
    let ranked = Ranks(nonzero.map(\.magnitude))
    pairs = differences.count
    zeros = differences.count - nonzero.count
    self.alternative = alternative
    var positive = 0.0
    var negative = 0.0
    for (difference, rank) in zip(nonzero, ranked.ranks) {
      if difference > 0 { positive += rank } else { negative += rank }
    }
    positiveRankSum = positive
    negativeRankSum = negative

    let count = Double(nonzero.count)
    let mean = count * (count + 1) / 4
    let deviation =
      ((count * (count + 1) * (2 * count + 1) - ranked.tieSum / 2) / 24).squareRoot()
    let standardized = (positive - mean) / deviation

    var chosen = method
    if method == .automatic {
      let distinct = ranked.tieSum == 0 && zeros == 0
      chosen = differences.count <= (distinct ? 50 : 13) ? .exact : .normal
    }
    self.method = chosen
    switch chosen {
    case .exact:
      guard nonzero.count <= Self.exactLimit else {
        throw .tooManyForExact(pairs: nonzero.count, limit: Self.exactLimit)
      }
      z = standardized
      let (atMost, atLeast) = Self.exactTails(of: positive, ranks: ranked.ranks)
      pValue = Self.pValue(below: atMost, above: atLeast, alternative)
    case .normalWithContinuity:
      let direction: Double =
        switch alternative {
        case .twoSided: standardized == 0 ? 0 : (standardized > 0 ? 1 : -1)
        case .less: -1
        case .greater: 1
        }
      z = standardized - direction * 0.5 / deviation
      pValue = Self.normalPValue(z, alternative)
    case .normal, .automatic:
      z = standardized
      pValue = Self.normalPValue(z, alternative)
    }
  }

  /// P(W+ <= observed) and P(W+ >= observed) with every sign as likely as the other.
  ///
  /// The distribution of the sum of a random subset of the ranks, built rank by rank. Ranks are
  /// multiples of 1/2, so twice a rank is a whole number and indexes the table.
  private static func exactTails(
    of observed: Double, ranks: [Double]
  ) -> (atMost: Double, atLeast: Double) {
    let doubled = ranks.map { Int(2 * $0) }
    let total = doubled.reduce(0, +)
    var table = [Double](repeating: 0, count: total + 1)
    var probability = table.mutableSpan
    probability[0] = 1
    var reached = 0
    for rank in doubled {
      for sum in stride(from: reached, through: 0, by: -1) {
        let half = probability[sum] / 2
        probability[sum] = half
        // The slot above has been halved already when it is below `reached`.
        probability[sum + rank] += half
      }
      reached += rank
    }
    let place = Int(2 * observed)
    var atMost = 0.0
    for sum in 0...place { atMost += probability[sum] }
    var atLeast = 0.0
    for sum in stride(from: total, through: place, by: -1) { atLeast += probability[sum] }
    return (atMost, atLeast)
  }

  private static func normalPValue(_ z: Double, _ alternative: Alternative) -> Double {
    pValue(
      below: TailProbabilities.normal(above: -z), above: TailProbabilities.normal(above: z),
      alternative)
  }

  private static func pValue(
    below: Double, above: Double, _ alternative: Alternative
  ) -> Double {
    switch alternative {
    case .twoSided: min(1, 2 * min(below, above))
    case .less: min(1, below)
    case .greater: min(1, above)
    }
  }
}
