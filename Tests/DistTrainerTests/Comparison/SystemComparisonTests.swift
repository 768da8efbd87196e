import DistTrainer
import Evaluation
import Foundation
import Testing

@Suite struct SystemComparisonTests {
  /// A system measured on one structure, subjects `s00`, `s01`, ….
  static func system(
    _ name: String, _ values: [Double?], from first: Int = 0, size: Double? = nil
  ) -> MeasuredSystem {
    var label = MeasuredLabel(name: "femur", number: "1")
    for (index, value) in values.enumerated() {
      let subject = "s\(first + index < 10 ? "0" : "")\(first + index)"
      if let value {
        label.values[subject] = value
      } else {
        label.undefined[subject] = "bothEmpty"
      }
    }
    return MeasuredSystem(name: name, trainingSubjects: size, labels: [label])
  }

  static func options(_ change: (inout SystemComparison.Options) -> Void = { _ in })
    -> SystemComparison.Options
  {
    var options = SystemComparison.Options()
    options.resamples = 500
    change(&options)
    return options
  }

  // Multiples of 1/32, whose differences are exact, so that ties and zeros are.
  static let first = [12.0, 15, 11, 18, 14, 13, 17, 16, 10, 19].map { $0 / 32 }
  static let second = [13.0, 15, 14, 17, 18, 15, 18, 20, 9, 25].map { $0 / 32 }
  static let third = [14.0, 19, 13, 18, 20, 17, 22, 23, 15, 20].map { $0 / 32 }

  @Test("two systems are compared by Wilcoxon's test on the subjects that both have")
  func pair() throws {
    // Of a alone is s12, of b alone t00.
    var other = Self.system("b", Self.second + [nil, 0.125]).labels[0]
    other.values["t00"] = 0.5
    let comparison = try SystemComparison(
      [
        Self.system("a", Self.first + [0.25, nil, 0.5]),
        MeasuredSystem(name: "b", labels: [other]),
      ], Self.options())
    #expect(comparison.test == .wilcoxon)
    let label = try #require(comparison.labels.first)
    #expect(label.label == "femur")
    let pair = try #require(label.pairs.first)
    #expect(pair.count == 10 && pair.zeros == 1)
    #expect(pair.unpaired == ["s12", "t00"])
    #expect(pair.undefined == ["s10 (b: bothEmpty)", "s11 (a: bothEmpty)"])
    // SciPy 1.17.1: wilcoxon(a, b); the same with method="asymptotic", correction=False: z
    let outcome = try #require(pair.outcome)
    #expect(outcome.statistic == 5)
    #expect(outcome.pValue == 0.046875 && outcome.adjustedPValue == outcome.pValue)
    #expect(outcome.stars == "*" && outcome.method == "exact")
    #expect(abs(outcome.z - -2.0935201159410273) < 1e-14)
    #expect(abs(outcome.effectSize - -2.0935201159410273 / 10.0.squareRoot()) < 1e-14)
    // numpy.median(a - b)
    let difference = try #require(pair.difference)
    #expect(difference.estimate == -0.046875)
    #expect(difference.lower <= difference.estimate && difference.estimate <= difference.upper)
    // numpy: median, percentile 25 and 75, mean, std(ddof=1) of a with 0.25 and 0.5
    let summary = label.summaries[0]
    #expect(summary.aggregate.defined == 12 && summary.undefined.map(\.subject) == ["s11"])
    #expect(comparison.text.contains("a - b"))
    #expect(comparison.text.contains("2 subjects measured for one of the two only"))
    #expect(comparison.text.contains("s11 (a: bothEmpty)"))
  }

  @Test("the summary of a system has NumPy's figures")
  func summary() throws {
    let comparison = try SystemComparison(
      [Self.system("a", Self.first), Self.system("b", Self.second)], Self.options())
    let summary = comparison.labels[0].summaries[0]
    #expect(summary.sample?.median == 0.453125)
    #expect(summary.sample?.lowerQuartile == 0.3828125)
    #expect(summary.sample?.upperQuartile == 0.5234375)
    #expect(summary.aggregate.mean == 0.453125)
    #expect(abs(try #require(summary.aggregate.standardDeviation) - 0.09461407356554662) < 1e-15)
  }

  // SciPy 1.17.1: wilcoxon of (a, b), (a, c), (b, c);
  // statsmodels 0.15.0: multipletests(p, method=…)[1]
  @Test(
    "more systems are compared by pairs, adjusted together",
    arguments: [
      (MultipleComparisons.none, [0.046875, 0.00390625, 0.09765625]),
      (.holm, [0.09375, 0.01171875, 0.09765625]),
      (.bonferroni, [0.140625, 0.01171875, 0.29296875]),
    ])
  func allPairs(correction: MultipleComparisons, adjusted: [Double]) throws {
    let comparison = try SystemComparison(
      [
        Self.system("a", Self.first), Self.system("b", Self.second),
        Self.system("c", Self.third),
      ],
      Self.options {
        $0.test = .wilcoxon
        $0.correction = correction
      })
    let pairs = comparison.labels[0].pairs
    #expect(pairs.map { "\($0.first)\($0.second)" } == ["ab", "ac", "bc"])
    #expect(pairs.compactMap(\.outcome?.adjustedPValue) == adjusted)
    #expect(comparison.labels[0].omnibus == nil)
  }

  @Test("more systems are by default independent groups, as SciPy and scikit-posthocs have them")
  func groups() throws {
    // The groups and figures of frameworks' golden values: scipy.stats.kruskal and
    // scikit_posthocs.posthoc_dunn(p_adjust="holm"), SciPy 1.17.1, scikit-posthocs 0.17.1.
    let groups = [
      [0.886, 0.864, 0.91, 0.89, 0.902, 0.877], [0.937, 0.924, 0.946, 0.93, 0.941],
      [0.953, 0.945, 0.946, 0.95, 0.961, 0.942, 0.949],
    ]
    let systems = zip(["a", "b", "c"], groups).enumerated().map { index, group in
      Self.system(group.0, group.1, from: 10 * index)
    }
    let comparison = try SystemComparison(systems, Self.options())
    #expect(comparison.test == .kruskal)
    let label = comparison.labels[0]
    let omnibus = try #require(label.omnibus)
    #expect(abs(omnibus.statistic - 14.089728453364819) < 1e-12)
    #expect(abs(omnibus.pValue - 0.000871875232156048) < 1e-15)
    let expected = [0.12661572445439276, 0.0005228789294708566, 0.12661572445439276]
    for (pair, p) in zip(label.pairs, expected) {
      #expect(abs(try #require(pair.outcome).adjustedPValue - p) < 1e-14)
    }
    #expect(label.pairs.map { $0.outcome?.stars } == ["ns", "***", "ns"])
    // numpy.median(a) - numpy.median(c)
    #expect(abs(try #require(label.pairs[1].difference).estimate - (0.888 - 0.949)) < 1e-14)
    #expect(comparison.text.contains("H = 14.0897"))
    #expect(comparison.markdown.contains("| a - c | 13 |"))
  }

  @Test("what has no p-value says why, in every form, and nothing is NaN")
  func undefined() throws {
    let constant = [Double](repeating: 0.5, count: 4)
    let nothing: [Double?] = [nil, nil, nil, nil]
    let cases: [([Double?], [Double?], SystemComparison.Test, String)] = [
      (constant, constant, .wilcoxon, "All 4 paired differences are zero"),
      (constant, constant, .kruskal, "All 8 values are equal"),
      (constant, nothing, .wilcoxon, "No subject has a value in both systems"),
      (constant, nothing, .kruskal, "b has no subject with a value"),
    ]
    for (first, second, test, reason) in cases {
      let comparison = try SystemComparison(
        [Self.system("a", first), Self.system("b", second)], Self.options { $0.test = test })
      let pair = comparison.labels[0].pairs[0]
      #expect(pair.outcome == nil)
      #expect(pair.gap?.hasPrefix(reason) == true, "\(pair.gap ?? "no reason")")
      for form in [comparison.text, comparison.markdown, comparison.json, comparison.csv] {
        #expect(form.contains(reason))
        #expect(!form.lowercased().contains("nan,") && !form.contains(" nan"))
      }
    }
  }

  @Test("pairs without a p-value are not counted in the adjustment of the others")
  func family() throws {
    let comparison = try SystemComparison(
      [
        Self.system("a", Self.first), Self.system("same", Self.first),
        Self.system("c", Self.third),
      ],
      Self.options {
        $0.test = .wilcoxon
        $0.correction = .bonferroni
      })
    let outcomes = comparison.labels[0].pairs.map(\.outcome)
    #expect(outcomes[0] == nil)
    #expect(outcomes[1]?.adjustedPValue == 2 * 0.00390625)
  }

  @Test("too few pairs for significance are said to be so", arguments: [1, 5, 6])
  func few(pairs: Int) throws {
    let comparison = try SystemComparison(
      [
        Self.system("a", Array(Self.first.prefix(pairs))),
        Self.system("c", Array(Self.third.prefix(pairs))),
      ], Self.options())
    #expect(comparison.labels[0].pairs[0].count == pairs)
    #expect(comparison.text.contains("too few for significance") == (pairs < 6))
  }

  @Test("systems without a subject, a structure, or an opponent in common are refused")
  func refusals() throws {
    let system = Self.system("a", Self.first)
    #expect(throws: ComparisonError.self) { try SystemComparison([system], Self.options()) }
    let strangers = Self.system("b", Self.first, from: 20)
    let error = #expect(throws: ComparisonError.self) {
      try SystemComparison([system, strangers], Self.options())
    }
    #expect(error?.description.contains("--test kruskal") == true)
    _ = try SystemComparison([system, strangers], Self.options { $0.test = .kruskal })
    let misspelled = #expect(throws: ComparisonError.self) {
      try SystemComparison([system, system], Self.options { $0.label = "fenur" })
    }
    #expect(misspelled?.description.contains("did you mean femur?") == true)
    let head = MeasuredSystem(name: "h", labels: [MeasuredLabel(name: "head", number: "2")])
    let apart = #expect(throws: ComparisonError.self) {
      try SystemComparison([system, head], Self.options())
    }
    #expect(apart?.description.contains("no structure in common (a: femur; h: head)") == true)
  }

  @Test("JSON and CSV hold the figures in full, one row a pair")
  func files() throws {
    let comparison = try SystemComparison(
      [
        Self.system("a", Self.first), Self.system("b", Self.second),
        Self.system("c", Self.third),
      ],
      Self.options {
        $0.test = .wilcoxon
        $0.label = "1"
      })
    let rows = try CSV.rows(of: comparison.csv)
    #expect(rows.count == 4)
    #expect(rows.allSatisfy { $0.fields.count == SystemComparison.columns.count })
    let column = try #require(SystemComparison.columns.firstIndex(of: "adjustedPValue"))
    let adjusted = rows.dropFirst().map { Double($0.fields[column]) }
    #expect(adjusted == [0.09375, 0.01171875, 0.09765625])
    struct Form: Decodable {
      struct Label: Decodable {
        struct Pair: Decodable {
          var first: String
          var statistic: Double
          var pValue: Double
          var interval: [Double]
        }
        var label: String
        var comparisons: [Pair]
      }
      var metric: String
      var labels: [Label]
    }
    let form = try JSONDecoder().decode(Form.self, from: Data(comparison.json.utf8))
    #expect(form.metric == "dice" && form.labels.map(\.label) == ["femur"])
    #expect(form.labels[0].comparisons.map(\.statistic) == [5, 0, 11])
    #expect(form.labels[0].comparisons.map(\.pValue) == [0.046875, 0.00390625, 0.09765625])
    #expect(form.labels[0].comparisons.allSatisfy { $0.interval.count == 2 })
  }
}
