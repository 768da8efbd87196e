internal import Evaluation

extension SystemComparison {
  /// The comparison for a terminal.
  public var text: String { tables.map(\.text).joined(separator: "\n\n") + "\n" }

  /// The comparison in Markdown.
  public var markdown: String { tables.map(\.markdown).joined(separator: "\n\n") + "\n" }

  /// Two tables a structure: the systems, and the tests.
  private var tables: [ResultTable] {
    labels.flatMap { label in
      [
        Self.summaries(label.summaries, title: "\(options.metric) of \(label.label)"),
        pairs(of: label),
      ]
    }
  }

  /// One row a system.
  static func summaries(_ summaries: [SystemSummary], title: String) -> ResultTable {
    var table = ResultTable(
      title: title,
      heading: [
        "system", "subjects", "mean", "SD", "median", "lower quartile", "upper quartile",
      ], rows: [])
    for summary in summaries {
      table.rows.append(
        [summary.name, "\(summary.aggregate.defined)"]
          + [
            summary.aggregate.mean, summary.aggregate.standardDeviation, summary.sample?.median,
            summary.sample?.lowerQuartile, summary.sample?.upperQuartile,
          ].map(ResultTable.figure))
      guard !summary.undefined.isEmpty else { continue }
      let subjects = summary.undefined.map { "\($0.subject): \($0.reason)" }
      table.notes.append(
        "\(summary.name) has no value for \(self.subjects(subjects.count)) "
          + "(\(shortened(subjects))): in none of its figures.")
    }
    return table
  }

  /// One row a pair of systems.
  private func pairs(of label: LabelComparison) -> ResultTable {
    let isPaired = test == .wilcoxon
    let share = "\(ResultTable.percent(options.confidence)) interval"
    var table = ResultTable(
      title: test.title,
      heading: isPaired
        ? [
          "pair", "pairs", "median difference", share, "W", "p", "adjusted p", "", "effect size r",
        ]
        : [
          "pair", "subjects", "difference of medians", share, "z", "p", "adjusted p", "",
          "effect size r",
        ], rows: [], namedColumns: 1)
    for pair in label.pairs {
      let interval = pair.difference.map {
        "\(ResultTable.figure($0.lower)) to \(ResultTable.figure($0.upper))"
      }
      let outcome = pair.outcome
      table.rows.append([
        "\(pair.first) - \(pair.second)", "\(pair.count)",
        ResultTable.figure(pair.difference?.estimate), interval ?? "-",
        isPaired ? ResultTable.plain(outcome?.statistic) : ResultTable.figure(outcome?.z),
        ResultTable.figure(outcome?.pValue), ResultTable.figure(outcome?.adjustedPValue),
        outcome?.stars ?? "", ResultTable.figure(outcome?.effectSize),
      ])
      table.notes += notes(on: pair)
    }
    if let omnibus = label.omnibus {
      table.notes.append(
        "Kruskal-Wallis: H = \(ResultTable.figure(omnibus.statistic)), "
          + "df = \(omnibus.degreesOfFreedom), "
          + "p = \(ResultTable.figure(omnibus.pValue)) (\(SignificanceStars.mark(omnibus.pValue)))"
          + ", epsilon squared = \(ResultTable.figure(omnibus.epsilonSquared)).")
      if omnibus.pValue >= 0.05 {
        table.notes.append(
          "The systems do not differ at 0.05 all together, so that the differences of pairs are "
            + "not to be relied on.")
      }
    }
    table.notes.append("\(Self.correctionName(options.correction)); \(SignificanceStars.legend).")
    return table
  }

  private func notes(on pair: PairComparison) -> [String] {
    let name = "\(pair.first) - \(pair.second)"
    var notes: [String] = []
    if let gap = pair.gap { notes.append("\(name): there is no p-value. \(gap)") }
    if !pair.unpaired.isEmpty {
      notes.append(
        "\(name): \(Self.subjects(pair.unpaired.count)) measured for one of the two only, left "
          + "out (\(Self.shortened(pair.unpaired))).")
    }
    if !pair.undefined.isEmpty {
      notes.append(
        "\(name): \(Self.subjects(pair.undefined.count)) without a value in one of the two, left "
          + "out: \(Self.shortened(pair.undefined)).")
    }
    if test == .wilcoxon, pair.outcome != nil {
      if let zeros = pair.zeros, zeros > 0 {
        notes.append(
          "\(name): \(zeros) of the differences zero, and dropped as Wilcoxon has it.")
      }
      let least = WilcoxonSignedRank.leastPValue(pairs: pair.count)
      if least >= 0.05 {
        notes.append(
          "\(name): \(pair.count) pairs are too few for significance: no exact p-value of so many "
            + "is below \(ResultTable.figure(least)).")
      }
    }
    return notes
  }

  /// How p-values were adjusted, in words.
  static func correctionName(_ correction: MultipleComparisons) -> String {
    switch correction {
    case .none: "P-values are not adjusted"
    case .bonferroni: "Adjusted by Bonferroni within a structure"
    case .holm: "Adjusted by Holm within a structure"
    }
  }

  /// A number of subjects in words.
  static func subjects(_ count: Int) -> String { count == 1 ? "1 subject" : "\(count) subjects" }

  /// The first names, and how many there are beyond.
  static func shortened(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }
}

extension ResultTable {
  /// A share as a percentage without needless decimals.
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
  }

  /// A rank sum, which is a multiple of one half; a dash for none.
  static func plain(_ value: Double?) -> String {
    guard let value else { return "-" }
    return value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
