public import Evaluation

/// How one system did on one structure.
public struct SystemSummary: Sendable, Equatable {
  /// The system's name.
  public let name: String
  /// Mean and standard deviation over the subjects with a value.
  public let aggregate: Aggregate
  /// Median and quartiles; `nil` where no subject has a value.
  public let sample: SampleSummary?
  /// Subjects without a value, in case order, with the reason.
  public let undefined: [(subject: String, reason: String)]

  init(_ name: String, _ label: MeasuredLabel) {
    let values = label.ordered
    self.name = name
    aggregate = Aggregate(values.map { .value($0) }, worst: 0)
    sample = try? SampleSummary(values)
    undefined = label.undefined.sorted { $0.key.precedes($1.key) }
      .map { (subject: $0.key, reason: $0.value) }
  }

  /// Whether two are alike.
  public static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.aggregate == right.aggregate && left.sample == right.sample
      && left.undefined.map(\.subject) == right.undefined.map(\.subject)
      && left.undefined.map(\.reason) == right.undefined.map(\.reason)
  }
}

/// All systems compared on one structure.
public struct LabelComparison: Sendable {
  /// The structure.
  public let label: String
  /// One summary a system, each over all of its subjects with a value.
  public let summaries: [SystemSummary]
  /// The test of all systems at once; `nil` where tests are of pairs alone, or where it is undefined.
  public let omnibus: KruskalWallis?
  /// Why there is no ``omnibus`` although the test has one.
  public let omnibusGap: String?
  /// Every two systems: (0, 1), (0, 2), …, (1, 2), ….
  public let pairs: [PairComparison]

  init(
    _ label: String, systems: [(name: String, label: MeasuredLabel)],
    test: SystemComparison.Test, _ options: SystemComparison.Options
  ) throws(ComparisonError) {
    self.label = label
    summaries = systems.map { SystemSummary($0.name, $0.label) }
    switch test {
    case .wilcoxon:
      var pairs: [PairComparison] = []
      for first in systems.indices {
        for second in systems.indices.dropFirst(first + 1) {
          pairs.append(
            try PairComparison(paired: (systems[first], systems[second]), of: label, options))
        }
      }
      self.pairs = PairComparison.adjusted(pairs, by: options.correction)
      (omnibus, omnibusGap) = (nil, nil)
    case .kruskal:
      let groups = systems.map(\.label.ordered)
      do {
        omnibus = try KruskalWallis(groups)
        omnibusGap = nil
      } catch {
        omnibus = nil
        omnibusGap = Self.reason(error, systems.map(\.name))
      }
      let dunn = try? Dunn(groups, correction: options.correction)
      var pairs: [PairComparison] = []
      for first in systems.indices {
        for second in systems.indices.dropFirst(first + 1) {
          let comparison = dunn?.comparisons.first { $0.first == first && $0.second == second }
          pairs.append(
            PairComparison(
              independent: (systems[first], systems[second]), comparison, gap: omnibusGap,
              options))
        }
      }
      self.pairs = pairs
    }
  }

  /// What keeps groups from being tested, with their names in place of numbers.
  private static func reason(_ error: StatisticsError, _ names: [String]) -> String {
    if case .emptyGroup(let index) = error {
      return "\(names[index]) has no subject with a value: leave it out of the comparison."
    }
    return "\(error)"
  }
}
