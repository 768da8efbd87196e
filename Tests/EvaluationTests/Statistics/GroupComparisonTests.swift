import Evaluation
import Testing

@Suite struct GroupComparisonTests {
  static let networks = [
    [0.886, 0.864, 0.91, 0.89, 0.902, 0.877], [0.937, 0.924, 0.946, 0.93, 0.941],
    [0.953, 0.945, 0.946, 0.95, 0.961, 0.942, 0.949],
  ]
  static let uneven: [[Double]] = [[1, 2, 3, 5, 1], [12, 31, 54], [10, 12, 6, 74, 11]]
  static let alike = (0..<4).map { group in
    (0..<(5 + group)).map { Double(($0 * 7 + group * 3) % 10) / 2 }
  }
  /// Eight groups of one value each bring odd degrees of freedom far from 1.
  static let singles = (0..<8).map { [Double($0 * 3 % 8)] }

  // SciPy 1.17.1: scipy.stats.kruskal(*groups).
  // alike = [[((i * 7 + j * 3) % 10) / 2 for i in range(5 + j)] for j in range(4)]
  // singles: H = 12 / (8 * 9) * sum(i^2) - 27 = 7; scipy.stats.chi2.sf(7, 7)
  static let kruskal: [(groups: [[Double]], statistic: Double, pValue: Double)] = [
    (networks, 14.089728453364819, 0.000871875232156048),
    (uneven, 9.184530386740327, 0.010129886213908555),
    (alike, 0.3350962336154164, 0.9532981586921178),
    (singles, 7, 0.42887985755305486),
  ]

  @Test("Kruskal-Wallis agrees with SciPy", arguments: kruskal)
  func kruskalWallis(groups: [[Double]], statistic: Double, pValue: Double) throws {
    let test = try KruskalWallis(groups)
    #expect(abs(test.statistic - statistic) <= 1e-12 * statistic)
    #expect(abs(test.pValue - pValue) <= 1e-11 * pValue)
    let total = groups.reduce(0) { $0 + $1.count }
    #expect(abs(test.epsilonSquared - statistic / Double(total - 1)) < 1e-12)
  }

  // scikit-posthocs 0.17.1: posthoc_dunn(groups, p_adjust=…), upper triangle.
  static let dunn: [(groups: [[Double]], correction: MultipleComparisons, p: [Double])] = [
    (networks, .none, [0.06330786222719638, 0.0001742929764902855, 0.09974830261261813]),
    (networks, .holm, [0.12661572445439276, 0.0005228789294708566, 0.12661572445439276]),
    (networks, .bonferroni, [0.18992358668158915, 0.0005228789294708566, 0.2992449078378544]),
    (uneven, .none, [0.0057476565867441405, 0.02030962348760679, 0.45195436926737886]),
    (alike, .holm, [1, 1, 1, 1, 1, 1]),
  ]

  @Test("Dunn's comparisons agree with scikit-posthocs", arguments: dunn)
  func dunnOracle(groups: [[Double]], correction: MultipleComparisons, p: [Double]) throws {
    let test = try Dunn(groups, correction: correction)
    #expect(test.comparisons.count == p.count)
    for (comparison, expected) in zip(test.comparisons, p) {
      #expect(abs(comparison.adjustedPValue - expected) <= 1e-11 * expected)
    }
  }

  // statsmodels 0.15.0: multipletests(p, method="holm" / "bonferroni")[1].
  static let families: [(p: [Double], holm: [Double], bonferroni: [Double])] = [
    (
      [0.01, 0.04, 0.03, 0.005, 0.2], [0.04, 0.09, 0.09, 0.025, 0.2],
      [0.05, 0.2, 0.15, 0.025, 1]
    ),
    ([0.5, 0.5, 0.9, 0.02], [1, 1, 1, 0.08], [1, 1, 1, 0.08]),
    ([], [], []),
  ]

  @Test("adjusted p-values agree with statsmodels", arguments: families)
  func adjustments(p: [Double], holm: [Double], bonferroni: [Double]) throws {
    for (correction, expected) in [
      (MultipleComparisons.holm, holm), (.bonferroni, bonferroni), (.none, p),
    ] {
      let adjusted = try correction.adjust(p)
      #expect(adjusted.count == expected.count)
      for (value, target) in zip(adjusted, expected) { #expect(abs(value - target) < 1e-15) }
    }
  }

  @Test("what cannot be compared is refused with its reason")
  func refusals() {
    #expect(throws: StatisticsError.tooFewGroups(1)) { try KruskalWallis([[1, 2]]) }
    #expect(throws: StatisticsError.emptyGroup(index: 1)) { try Dunn([[1, 2], []]) }
    #expect(throws: StatisticsError.constant(count: 3)) { try KruskalWallis([[1, 1], [1]]) }
    #expect(throws: StatisticsError.notFinite(index: 2)) { try Dunn([[1, 2], [.infinity]]) }
    #expect(throws: StatisticsError.notAProbability(index: 0)) {
      try MultipleComparisons.holm.adjust([.nan])
    }
  }

  @Test(
    "stars change at 0.05, 0.01 and 0.001, which themselves have the weaker mark",
    arguments: [
      (1, "ns"), (0.05, "ns"), (0.0499, "*"), (0.01, "*"), (0.0099, "**"), (0.001, "**"),
      (0.00099, "***"), (0, "***"),
    ])
  func stars(pValue: Double, mark: String) {
    #expect(SignificanceStars.mark(pValue) == mark)
  }
}
