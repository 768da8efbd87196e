public import Evaluation

/// Two systems compared on one structure. Differences are the first's value minus the second's.
public struct PairComparison: Sendable {
  /// What a test found.
  public struct Outcome: Sendable, Equatable {
    /// Wilcoxon's lesser rank sum; `nil` for Dunn's comparisons, whose statistic is ``z``.
    public var statistic: Double?
    /// The standardized statistic, signed as the differences.
    public var z: Double
    /// The p-value by itself, two-sided.
    public var pValue: Double
    /// The p-value adjusted for all pairs of the structure that have one.
    public var adjustedPValue: Double
    /// Effect size r: z over the square root of the number of pairs, or of both groups' subjects.
    public var effectSize: Double
    /// Matched-pairs rank-biserial correlation; `nil` for independent groups.
    public var rankBiserial: Double?
    /// How the p-value was found: `exact`, `normal`, ….
    public var method: String
    /// The mark of the adjusted p-value.
    public var stars: String { SignificanceStars.mark(adjustedPValue) }
  }

  /// The first system's name.
  public let first: String
  /// The second system's name.
  public let second: String
  /// Subjects in the comparison: pairs, or those of both groups.
  public let count: Int
  /// Pairs whose difference is zero; `nil` for independent groups.
  public let zeros: Int?
  /// The median of the paired differences, or the difference of the medians, with its interval;
  /// `nil` where there is no value.
  public let difference: BootstrapInterval?
  /// Subjects that only one of the two systems was measured on, in case order; they are left out
  /// of a paired test.
  public let unpaired: [String]
  /// Subjects that both were measured on and for which one has no value, with whose and why.
  public let undefined: [String]
  /// What the test found; `nil` where it is undefined.
  public private(set) var outcome: Outcome?
  /// Why there is no ``outcome``.
  public let gap: String?

  /// Compares two systems on the subjects that both have.
  init(
    paired systems: (
      first: (name: String, label: MeasuredLabel), second: (name: String, label: MeasuredLabel)
    ), of label: String, _ options: SystemComparison.Options
  ) throws(ComparisonError) {
    let (first, second) = systems
    self.first = first.name
    self.second = second.name
    let known = Set(first.label.values.keys).union(first.label.undefined.keys)
    let others = Set(second.label.values.keys).union(second.label.undefined.keys)
    guard !known.isDisjoint(with: others) else {
      throw ComparisonError([
        "\(first.name) and \(second.name) have no subject of \(label) in common, and a paired "
          + "test needs the same subjects: compare them with --test kruskal."
      ])
    }
    let subjects = known.intersection(others).sorted { $0.precedes($1) }
    unpaired = known.symmetricDifference(others).sorted { $0.precedes($1) }
    undefined = subjects.compactMap { subject in
      let reasons = [first, second].compactMap { system in
        system.label.undefined[subject].map { "\(system.name): \($0)" }
      }
      return reasons.isEmpty ? nil : "\(subject) (\(reasons.joined(separator: ", ")))"
    }
    var differences: [Double] = []
    for subject in subjects {
      guard let value = first.label.values[subject], let other = second.label.values[subject]
      else { continue }
      differences.append(value - other)
    }
    count = differences.count
    zeros = differences.count { $0 == 0 }
    difference = try? BootstrapInterval.median(
      of: differences, confidence: options.confidence, resamples: options.resamples,
      seed: options.seed)
    do {
      let test = try WilcoxonSignedRank(differences: differences, method: options.method)
      outcome = Outcome(
        statistic: test.statistic, z: test.z, pValue: test.pValue, adjustedPValue: test.pValue,
        effectSize: test.effectSize, rankBiserial: test.rankBiserial,
        method: test.method.rawValue)
      gap = nil
    } catch {
      outcome = nil
      if case .tooFew = error {
        gap = "No subject has a value in both systems."
      } else {
        gap = "\(error)"
      }
    }
  }

  /// Compares two of several independent groups.
  init(
    independent systems: (
      first: (name: String, label: MeasuredLabel), second: (name: String, label: MeasuredLabel)
    ), _ comparison: Dunn.Comparison?, gap: String?, _ options: SystemComparison.Options
  ) {
    let (first, second) = systems
    self.first = first.name
    self.second = second.name
    let (values, others) = (first.label.ordered, second.label.ordered)
    count = values.count + others.count
    zeros = nil
    unpaired = []
    undefined = []
    difference = try? BootstrapInterval(
      values, minus: others, confidence: options.confidence, resamples: options.resamples,
      seed: options.seed, statistic: Quantile.median)
    outcome = comparison.map {
      Outcome(
        z: $0.z, pValue: $0.pValue, adjustedPValue: $0.adjustedPValue,
        effectSize: $0.z / Double(values.count + others.count).squareRoot(), method: "normal")
    }
    self.gap = comparison == nil ? gap : nil
  }

  /// The pairs with their p-values adjusted for each other; pairs without one are not counted.
  static func adjusted(
    _ pairs: [PairComparison], by correction: MultipleComparisons
  ) -> [PairComparison] {
    let places = pairs.indices.filter { pairs[$0].outcome != nil }
    // P-values of tests are probabilities, which is all that can be asked of them here.
    guard let adjusted = try? correction.adjust(places.compactMap { pairs[$0].outcome?.pValue })
    else { return pairs }
    var pairs = pairs
    for (place, value) in zip(places, adjusted) { pairs[place].outcome?.adjustedPValue = value }
    return pairs
  }
}
