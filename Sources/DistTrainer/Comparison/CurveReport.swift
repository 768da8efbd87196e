public import Evaluation

/// ROC and precision-recall curves of a table of scores: pooled, by fold and by subject, with the
/// thresholds that the rules choose.
public struct CurveReport: Sendable {
  /// One kind of curve over the folds or over the subjects.
  public struct Group: Sendable {
    /// What the members are: `fold` or `subject`.
    public let members: String
    /// Their ROC curves.
    public let roc: CurveFamily
    /// Their precision-recall curves.
    public let precisionRecall: CurveFamily
  }

  /// Where the scores come from.
  public let path: String
  /// All scores together.
  public let pooled: ScoreCurve
  /// The folds, and the subjects, where the table tells them.
  public let groups: [Group]
  /// What each rule chooses on all scores together; a rule without a choice has the reason.
  public let thresholds: [(rule: ThresholdRule, choice: Result<ChosenThreshold, CurveError>)]

  /// The curves of a table.
  ///
  /// - Throws: ``ComparisonError`` where scores make no curve.
  /// - Complexity: O(n log n) in the number of scores.
  public init(_ table: ScoreTable) throws {
    path = table.path
    let pooled = try ScoreCurve(scores: table.scores.span, truths: table.truths.span)
    self.pooled = pooled
    var groups: [Group] = []
    for (members, names) in [("fold", table.folds), ("subject", table.subjects)] {
      guard let curves = try table.curves(by: names) else { continue }
      groups.append(
        Group(
          members: members, roc: CurveFamily(.roc, of: curves),
          precisionRecall: CurveFamily(.precisionRecall, of: curves)))
    }
    self.groups = groups
    thresholds = ThresholdRule.allCases.map { rule in
      (rule, Result { () throws(CurveError) in try pooled.threshold(rule) })
    }
  }

  /// The report for a terminal.
  public var text: String { tables.map(\.text).joined(separator: "\n\n") + "\n" }

  private var tables: [ResultTable] {
    var areas = ResultTable(
      title: "areas under the curves of \(path)",
      heading: ["scores", "positives", "negatives", "ROC AUC", "average precision"],
      rows: [Self.row("all", pooled)])
    for group in groups {
      if group.members == "fold" {
        areas.rows += group.roc.members.map { Self.row("fold \($0.name)", $0.curve) }
      }
      let count = group.roc.members.count
      let (roc, precision) = (group.roc.area, group.precisionRecall.area)
      areas.rows.append(
        [
          "mean of \(count) \(group.members)s", "", "", ResultTable.figure(roc.mean),
          ResultTable.figure(precision.mean),
        ])
      areas.rows.append(
        [
          "SD of \(count) \(group.members)s", "", "",
          ResultTable.figure(roc.standardDeviation),
          ResultTable.figure(precision.standardDeviation),
        ])
      for family in [group.roc, group.precisionRecall] where !family.leftOut.isEmpty {
        let names = family.leftOut.map { "\($0.name): \($0.reason.rawValue)" }
        areas.notes.append(
          "\(family.kind.areaName) is not defined for \(names.count) of \(count) "
            + "\(group.members)s (\(SystemComparison.shortened(names))): in no mean.")
      }
    }
    var chosen = ResultTable(
      title: "thresholds",
      heading: ["rule", "threshold", "precision", "recall", "false-positive rate", "Dice"],
      rows: [])
    for (rule, choice) in thresholds {
      switch choice {
      case .success(let threshold):
        chosen.rows.append(
          [rule.rawValue]
            + [
              threshold.threshold, threshold.precision, threshold.recall,
              threshold.falsePositiveRate, threshold.dice,
            ].map(ResultTable.figure))
      case .failure(let error):
        chosen.rows.append([rule.rawValue] + [String](repeating: "-", count: 5))
        chosen.notes.append("\(rule.rawValue): \(error)")
      }
    }
    return [areas, chosen]
  }

  private static func row(_ name: String, _ curve: ScoreCurve) -> [String] {
    [
      name, "\(curve.positives)", "\(curve.negatives)",
      ResultTable.figure(curve.areaUnderROC.number),
      ResultTable.figure(curve.averagePrecision.number),
    ]
  }
}
