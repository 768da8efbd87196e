public import Evaluation
public import Nets

/// What post-processing did to the metrics: means by label before, after, and their difference.
public struct PostProcessingTable: CustomStringConvertible, Sendable {
  private static let metrics: [any OverlapMetric.Type] = [
    Dice.self, Precision.self, Recall.self, Jaccard.self,
  ]
  private let before: MetricsTable
  private let after: MetricsTable
  private let steps: [PostProcessingChoice]

  /// The comparison of two tables of the same subjects and labels.
  public init(before: MetricsTable, after: MetricsTable, steps: [PostProcessingChoice]) {
    self.before = before
    self.after = after
    self.steps = steps
  }

  /// One line a label and metric. A mean leaves out the subjects where the metric is not defined; a
  /// difference is one of means, and is not shown where the means are of unlike numbers of subjects
  /// (a structure that was removed altogether takes its subject from the precision's mean).
  public var description: String {
    var rows = [["label", "metric", "before", "after", "difference"]]
    for label in before.labels {
      for metric in Self.metrics {
        let (old, new) = means(metric, label.label)
        rows.append([
          label.name, metric.name, TextTable.score(old.mean), TextTable.score(new.mean),
          Self.signed(Self.difference(old, new)),
        ])
      }
    }
    return TextTable(rows: rows, namedColumns: 2).description
  }

  /// The steps, the means, and each subject's metrics before and after as `summary.json` has them.
  ///
  /// - Throws: `EncodingError` for a step's size that is not finite.
  public func json() throws -> String {
    let labels = before.labels.map { label in
      let metrics = Self.metrics.map { metric in
        let (old, new) = means(metric, label.label)
        return (
          metric.name,
          JSONValue.object([
            ("before", .number(old.mean)), ("after", .number(new.mean)),
            ("difference", .number(Self.difference(old, new))),
            ("definedBefore", .integer(old.defined)), ("definedAfter", .integer(new.defined)),
          ])
        )
      }
      return (
        "\(label.label)", JSONValue.object([("name", .string(label.name))] + metrics)
      )
    }
    return JSONValue.object([
      ("postprocessing", try steps.json()), ("labels", .object(labels)),
      ("before", before.summary), ("after", after.summary),
    ]).indented
  }

  private func means(
    _ metric: any OverlapMetric.Type, _ label: UInt8
  ) -> (before: Aggregate, after: Aggregate) {
    (before.aggregate(metric, label: label), after.aggregate(metric, label: label))
  }

  private static func difference(_ old: Aggregate, _ new: Aggregate) -> Double? {
    guard old.defined == new.defined, let first = old.mean, let second = new.mean else {
      return nil
    }
    return second - first
  }

  /// A difference with its sign and four decimals, or a dash for none.
  static func signed(_ value: Double?) -> String {
    guard let value else { return "-" }
    let text = TextTable.score(abs(value))
    return (value < 0 ? "-" : "+") + text
  }
}
