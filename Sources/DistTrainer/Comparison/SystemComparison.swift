public import Evaluation

/// Systems compared by one metric: a summary of each, and tests between every two.
public struct SystemComparison: Sendable {
  /// Which test is made.
  public enum Test: String, Sendable, CaseIterable {
    /// Every two systems on the subjects that both have: ``WilcoxonSignedRank``.
    case wilcoxon
    /// All systems on their own subjects, ``KruskalWallis``, and every two by ``Dunn``.
    case kruskal

    /// What it is called in headings.
    public var title: String {
      switch self {
      case .wilcoxon: "Wilcoxon signed-rank test (paired, two-sided)"
      case .kruskal: "Kruskal-Wallis test and Dunn's comparisons (independent, two-sided)"
      }
    }
  }

  /// What to compare and how.
  public struct Options: Sendable {
    /// The column of the tables.
    public var metric = "dice"
    /// The structure, by name or number; nil compares all that every system has.
    public var label: String?
    /// The test; nil takes Wilcoxon's for two systems and Kruskal-Wallis' for more.
    public var test: Test?
    /// How the p-values of one structure's pairs are adjusted.
    public var correction = MultipleComparisons.holm
    /// How Wilcoxon's p-value is found.
    public var method = WilcoxonSignedRank.Method.automatic
    /// The share of the bootstrap intervals.
    public var confidence = 0.95
    /// Resamples of each bootstrap interval.
    public var resamples = 10_000
    /// Names the random streams of the bootstrap intervals.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
  }

  /// What was asked.
  public let options: Options
  /// The test that was made.
  public let test: Test
  /// The systems' names.
  public let systems: [String]
  /// One comparison a structure.
  public let labels: [LabelComparison]

  /// Compares systems.
  ///
  /// - Throws: ``ComparisonError`` for fewer than two systems, a structure that one of them lacks,
  ///   and systems without a subject in common where the test is paired.
  public init(_ systems: [MeasuredSystem], _ options: Options) throws(ComparisonError) {
    guard systems.count >= 2 else {
      throw ComparisonError(["One system alone cannot be compared: name at least two."])
    }
    let test = options.test ?? (systems.count == 2 ? .wilcoxon : .kruskal)
    self.options = options
    self.test = test
    self.systems = systems.map(\.name)
    var labels: [LabelComparison] = []
    for name in try Self.commonLabels(of: systems, options.label) {
      let measured = systems.compactMap { $0.label(name) }
      labels.append(
        try LabelComparison(
          measured[0].name, systems: zip(systems.map(\.name), measured).map { ($0, $1) },
          test: test, options))
    }
    self.labels = labels
  }

  /// The structures that every system was measured on, in the first one's order; the one asked for
  /// if there is one.
  static func commonLabels(
    of systems: [MeasuredSystem], _ asked: String?
  ) throws(ComparisonError) -> [String] {
    if let asked {
      let lacking = systems.filter { $0.label(asked) == nil }
      guard lacking.isEmpty else {
        throw ComparisonError(
          lacking.map { system in
            "\(system.path.isEmpty ? system.name : system.path) was not measured on \(asked): "
              + NearestKey.sentence(
                for: asked, among: system.labels.map(\.name), plural: "its structures")
          })
      }
      return [asked]
    }
    let names = systems[0].labels.map(\.name).filter { name in
      systems.allSatisfy { $0.label(name) != nil }
    }
    guard !names.isEmpty else {
      throw ComparisonError([
        "The systems have no structure in common ("
          + systems.map { "\($0.name): \($0.labels.map(\.name).joined(separator: ", "))" }
          .joined(separator: "; ") + "): compare systems measured on the same structures."
      ])
    }
    return names
  }
}
