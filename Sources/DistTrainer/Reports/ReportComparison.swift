internal import Evaluation

/// What a report says about several runs beside each other.
enum ReportComparison {
  typealias Cell = ReportTable.Cell
  typealias Column = ReportTable.Column

  /// Runs at most whose metrics are all compared; of more, Dice alone: pairs grow as the square.
  private static let fewRuns = 3

  /// The keys in which the runs' configurations differ; nil where they do not.
  static func differences(_ runs: [ReportedRun]) throws -> ReportTable? {
    let leaves = try runs.map { run in
      try ConfigurationNode(yaml: run.yaml, name: run.folder.configuration).leaves
    }
    var seen: Set<String> = []
    let keys = leaves.flatMap { $0.map(\.path) }.filter { seen.insert($0).inserted }
    let rows = keys.compactMap { key -> [Cell]? in
      let values = leaves.map { leaves in leaves.first { $0.path == key }?.value ?? "-" }
      guard Set(values).count > 1 else { return nil }
      return [.text(key)] + values.map { .text($0) }
    }
    guard !rows.isEmpty else { return nil }
    return ReportTable(
      "differences", title: "What differs in configuration",
      caption: "A dash: the key is not there, for another kind was chosen above it.",
      columns: (["key"] + runs.map(\.name)).map { Column(title: $0, isNumeric: false) },
      rows: rows)
  }

  /// The tests of `segmpi compare` between every two runs; nil where there is nothing to compare.
  ///
  /// - Throws: ``ComparisonError`` for runs without a structure in common.
  static func tests(_ runs: [ReportedRun]) throws -> ReportTable? {
    let measured = runs.filter { !$0.table.rows.isEmpty }
    guard measured.count > 1 else { return nil }
    let subjects = measured.map { Set($0.table.subjects) }
    let isPaired = subjects.indices.allSatisfy { first in
      subjects.indices.allSatisfy { !subjects[first].isDisjoint(with: subjects[$0]) }
    }
    let metrics = ReportFigures.plotted(measured).filter { metric in
      measured.allSatisfy { $0.table.metrics.contains(metric) }
        && (measured.count <= fewRuns || metric == "dice")
    }
    var rows: [[Cell]] = []
    for metric in metrics {
      var options = SystemComparison.Options()
      options.metric = metric
      options.test = isPaired ? .wilcoxon : .kruskal
      let comparison = try SystemComparison(
        measured.map { $0.measured(metric) }, options)
      for label in comparison.labels {
        rows += label.pairs.map { self.row($0, metric: metric, structure: label.label) }
      }
    }
    guard !rows.isEmpty else { return nil }
    let test =
      isPaired
      ? "Wilcoxon's signed-rank test of the subjects that both runs have, two-sided."
      : "Dunn's comparisons of independent groups, two-sided, for not all runs share subjects."
    return ReportTable(
      "comparison", title: "Runs compared",
      caption: "\(test) Difference: the median of the first run's values minus the second's "
        + "\(isPaired ? "on the same subjects" : "(difference of medians)"), with its 95 % bootstrap "
        + "interval. p adjusted by Holm for the pairs of one metric and structure; r: effect size. "
        + "segmpi compare gives the same figures and more of them.",
      columns: ["metric", "structure", "first", "second"].map {
        Column(title: $0, isNumeric: false)
      }
        + ["n", "difference", "from", "to", "p", "p adjusted", "mark", "r"].map {
          Column(title: $0)
        }, rows: rows)
  }

  private static func row(
    _ pair: PairComparison, metric: String, structure: String
  ) -> [Cell] {
    let decimals = ReportTables.decimals(metric)
    return [
      .text(metric), .text(structure), .text(pair.first), .text(pair.second), .count(pair.count),
      .number(pair.difference?.estimate, decimals: decimals),
      .number(pair.difference?.lower, decimals: decimals),
      .number(pair.difference?.upper, decimals: decimals),
      .significant(pair.outcome?.pValue), .significant(pair.outcome?.adjustedPValue),
      .text(pair.outcome?.stars ?? pair.gap ?? "-"),
      .number(pair.outcome?.effectSize, decimals: 3),
    ]
  }
}

extension ReportedRun {
  /// The run's values of one metric, as comparisons take them.
  fileprivate func measured(_ metric: String) -> MeasuredSystem {
    MeasuredSystem(
      name: name, path: folder.path,
      labels: table.structures.map { structure in
        var label = MeasuredLabel(name: structure.name, number: structure.label)
        for (row, value) in table.values(metric, structure) {
          if let number = value.number {
            label.values[row.subject] = number
          } else {
            label.undefined[row.subject] = value.reason?.rawValue ?? "no value"
          }
        }
        return label
      })
  }
}

extension ConfigurationNode {
  /// Every value with its dotted path; lists of values are one.
  fileprivate var leaves: [(path: String, value: String)] { leaves(at: "") }

  private func leaves(at path: String) -> [(path: String, value: String)] {
    switch content {
    case .null: return [(path, "null")]
    case .scalar(let text, _): return [(path, text)]
    case .mapping(let entries):
      return entries.flatMap { $0.value.leaves(at: path.appending(key: $0.key)) }
    case .sequence(let elements):
      let texts = elements.map(\.text)
      guard texts.contains(where: { $0 == nil }) else {
        return [(path, "[" + texts.compactMap(\.self).joined(separator: ", ") + "]")]
      }
      return elements.enumerated().flatMap { index, element in
        element.leaves(at: path.appending(key: "\(index)"))
      }
    }
  }
}
