/// The Kruskal-Wallis test of independent groups (JASA 47, 1952): H with tie correction against the
/// chi-square distribution with one degree of freedom less than groups, as SciPy's `kruskal`.
public struct KruskalWallis: Sendable, Equatable {
  /// Values in each group.
  public let counts: [Int]
  /// The tie-corrected statistic H.
  public let statistic: Double
  /// Groups minus one.
  public let degreesOfFreedom: Int
  /// The p-value.
  public let pValue: Double

  /// Effect size epsilon squared, H / (N - 1), in 0...1 (Tomczak and Tomczak, 2014).
  public var epsilonSquared: Double { statistic / Double(counts.reduce(0, +) - 1) }

  /// Tests whether `groups` come from one distribution.
  ///
  /// - Throws: ``StatisticsError`` for fewer than two groups, an empty group, a value that is not a
  ///   finite number, or values that are all equal.
  /// - Complexity: O(N log N).
  public init(_ groups: [[Double]]) throws(StatisticsError) {
    let ranked = try RankedGroups(groups)
    let total = Double(ranked.total)
    // Deviations from the mean rank: squares of the ranks themselves would cancel for small H.
    let meanRank = (total + 1) / 2
    var squares = 0.0
    for (mean, count) in zip(ranked.meanRanks, ranked.counts) {
      squares += Double(count) * (mean - meanRank) * (mean - meanRank)
    }
    let uncorrected = 12 / (total * (total + 1)) * squares
    counts = ranked.counts
    statistic = uncorrected / (1 - ranked.tieSum / (total * total * total - total))
    degreesOfFreedom = groups.count - 1
    pValue = TailProbabilities.chiSquare(above: statistic, degrees: degreesOfFreedom)
  }
}

/// Dunn's comparison of every two groups after ``KruskalWallis`` (Technometrics 6, 1964), as
/// scikit-posthocs' `posthoc_dunn`: tie-corrected z of the mean ranks' difference, two-sided.
public struct Dunn: Sendable, Equatable {
  /// Two groups compared.
  public struct Comparison: Sendable, Equatable {
    /// The first group's place in the list of groups.
    public var first: Int
    /// The second group's place; after the first.
    public var second: Int
    /// (Mean rank of the first - mean rank of the second) / standard error.
    public var z: Double
    /// The p-value by itself.
    public var pValue: Double
    /// The p-value adjusted for the number of comparisons.
    public var adjustedPValue: Double
  }

  /// The rule of adjustment.
  public let correction: MultipleComparisons
  /// All pairs: (0, 1), (0, 2), …, (1, 2), ….
  public let comparisons: [Comparison]

  /// Compares every two of `groups`.
  ///
  /// - Throws: ``StatisticsError``, as ``KruskalWallis``.
  /// - Complexity: O(N log N + groups^2 log groups).
  public init(
    _ groups: [[Double]], correction: MultipleComparisons = .holm
  ) throws(StatisticsError) {
    let ranked = try RankedGroups(groups)
    let total = Double(ranked.total)
    let variance = total * (total + 1) / 12 - ranked.tieSum / (12 * (total - 1))
    var comparisons: [Comparison] = []
    for first in groups.indices {
      for second in groups.indices.dropFirst(first + 1) {
        let scale = 1 / Double(ranked.counts[first]) + 1 / Double(ranked.counts[second])
        let z =
          (ranked.meanRanks[first] - ranked.meanRanks[second]) / (variance * scale).squareRoot()
        let p = min(1, 2 * TailProbabilities.normal(above: z.magnitude))
        comparisons.append(
          Comparison(first: first, second: second, z: z, pValue: p, adjustedPValue: p))
      }
    }
    let adjusted = try correction.adjust(comparisons.map(\.pValue))
    for index in comparisons.indices { comparisons[index].adjustedPValue = adjusted[index] }
    self.correction = correction
    self.comparisons = comparisons
  }
}

/// Groups ranked together.
struct RankedGroups {
  var counts: [Int]
  var meanRanks: [Double]
  var tieSum: Double
  var total: Int

  init(_ groups: [[Double]]) throws(StatisticsError) {
    guard groups.count >= 2 else { throw .tooFewGroups(groups.count) }
    if let empty = groups.firstIndex(where: \.isEmpty) { throw .emptyGroup(index: empty) }
    let values = groups.flatMap { $0 }
    try StatisticsError.requireFinite(values)
    guard values.contains(where: { $0 != values[0] }) else {
      throw .constant(count: values.count)
    }
    let ranked = Ranks(values)
    counts = groups.map(\.count)
    tieSum = ranked.tieSum
    total = values.count
    meanRanks = []
    var start = 0
    for count in counts {
      let sum = ranked.ranks[start..<(start + count)].reduce(0, +)
      meanRanks.append(sum / Double(count))
      start += count
    }
  }
}
