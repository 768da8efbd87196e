public import Evaluation

/// Dice, precision, recall and Jaccard per subject and label, and their means, as text.
public struct OverlapTable: CustomStringConvertible, Sendable {
  private static let metrics: [any OverlapMetric.Type] = [
    Dice.self, Precision.self, Recall.self, Jaccard.self,
  ]
  private let table: MetricsTable

  /// The table of these subjects.
  public init(_ table: MetricsTable) { self.table = table }

  /// One line a subject and label, then the mean of each label; a mean leaves out the subjects
  /// where the metric is not defined, which show a dash.
  public var description: String {
    var rows = [["subject", "label"] + Self.metrics.map { $0.name }]
    for subject in table.subjects {
      for label in subject.labels {
        rows.append(
          [subject.subject, label.name]
            + Self.metrics.map { TextTable.score($0.value(of: label.counts).number) })
      }
    }
    for label in table.labels {
      rows.append(
        ["mean of \(table.subjects.count)", label.name]
          + Self.metrics.map { TextTable.score(table.aggregate($0, label: label.label).mean) })
    }
    return TextTable(rows: rows, namedColumns: 2).description
  }

  /// All metrics of the catalogue as JSON, in the form of nnU-Net's `summary.json`.
  public var json: String { table.summary.indented }
}

extension MetricsTable {
  /// Writes `metrics.csv` and `summary.json` into a folder, which is made where it is missing.
  ///
  /// - Throws: ``FileError``.
  public func write(toFolder path: String) throws {
    try makeFolder(path)
    try ResultFolder(path: path).write(self)
  }
}
