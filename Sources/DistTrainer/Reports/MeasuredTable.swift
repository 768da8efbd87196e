internal import Evaluation
internal import Foundation

/// A `metrics.csv` as it was written: the values of every metric that it has a column for, whatever
/// metrics there are.
///
/// A report takes its figures from here, and its means from ``Aggregate``, which made those of
/// `summary.json`: on the same values in the same order they are the same bits.
struct MeasuredTable: Sendable, Equatable {
  /// One row: a structure of a subject.
  struct Row: Sendable, Equatable {
    var subject: String
    var fold: Int?
    var structure: Structure
    /// The metrics' values in the order of ``MeasuredTable/metrics``.
    var values: [MetricValue]
  }

  /// A label or a group of labels.
  struct Structure: Sendable, Hashable {
    /// The column `label`, such as `2`.
    var label: String
    var name: String
  }

  /// The names of the metrics, in the order of the columns.
  let metrics: [String]
  /// The rows in the order of the file.
  let rows: [Row]

  /// Columns that hold no metric.
  private static let others: Set<String> = [
    "subject", "fold", "label", "name", "tp", "fp", "fn", "tn", "referenceVoxels",
    "predictedVoxels", "undefined", MetricsTable.gridDiagonal,
  ]

  /// A table of these rows.
  init(metrics: [String], rows: [Row]) {
    self.metrics = metrics
    self.rows = rows
  }

  /// Reads a file's text.
  ///
  /// - Throws: a ``FileError`` that names `path` where it is no table of metrics.
  init(csv text: String, path: String) throws(FileError) {
    guard let lines = try? CSV.rows(of: text),
      let (head, rows) = Self.parted(lines.map(\.fields)),
      let subject = head.firstIndex(of: "subject"), let label = head.firstIndex(of: "label")
    else { throw Self.foreign(path) }
    let (fold, name) = (head.firstIndex(of: "fold"), head.firstIndex(of: "name"))
    let reasons = head.firstIndex(of: "undefined")
    let places = head.indices.filter { !Self.others.contains(head[$0]) }
    metrics = places.map { head[$0] }
    var found: [Row] = []
    for fields in rows {
      guard fields.count == head.count else { throw Self.foreign(path) }
      let why = Self.reasons(in: reasons.map { fields[$0] } ?? "")
      var values: [MetricValue] = []
      for place in places {
        if let number = Double(fields[place]), number.isFinite {
          values.append(.value(number))
        } else {
          guard fields[place].isEmpty else { throw Self.foreign(path) }
          values.append(.undefined(why[head[place]] ?? .bothEmpty))
        }
      }
      found.append(
        Row(
          subject: fields[subject], fold: fold.flatMap { Int(fields[$0]) },
          structure: Structure(label: fields[label], name: name.map { fields[$0] } ?? ""),
          values: values))
    }
    self.rows = found
  }

  /// The head and the rows, lines of comment before them left out.
  private static func parted(_ lines: [[String]]) -> (head: [String], rows: [[String]])? {
    let lines = lines.drop { $0.first?.hasPrefix("#") ?? true }
    guard let head = lines.first, Set(head).count == head.count else { return nil }
    return (head, Array(lines.dropFirst()))
  }

  /// The column `undefined`: `precision=predictionEmpty;…`.
  private static func reasons(in field: String) -> [String: UndefinedReason] {
    var reasons: [String: UndefinedReason] = [:]
    for part in field.split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, let reason = UndefinedReason(rawValue: sides[1]) else { continue }
      reasons[sides[0]] = reason
    }
    return reasons
  }

  private static func foreign(_ path: String) -> FileError {
    FileError(
      path: path,
      description:
        "\(path) is not a table of metrics: make it again with segmpi evaluate, or train "
        + "the fold to its end with --continue.")
  }

  /// The structures in the order of their first rows.
  var structures: [Structure] {
    var seen: Set<Structure> = []
    return rows.map(\.structure).filter { seen.insert($0).inserted }
  }

  /// The subjects in the order of their first rows.
  var subjects: [String] {
    var seen: Set<String> = []
    return rows.map(\.subject).filter { seen.insert($0).inserted }
  }

  /// The values of one metric and structure, one a subject, in the order of the file.
  func values(_ metric: String, _ structure: Structure) -> [(row: Row, value: MetricValue)] {
    guard let place = metrics.firstIndex(of: metric) else { return [] }
    return rows.filter { $0.structure == structure }.map { ($0, $0.values[place]) }
  }

  /// Mean, standard deviation and the like of one metric and structure.
  func aggregate(_ metric: String, _ structure: Structure) -> Aggregate {
    // The worst value enters only the worst-case mean, which tables of a report do not show.
    Aggregate(values(metric, structure).map(\.value), worst: 0)
  }

  /// The rows of one fold.
  func fold(_ fold: Int) -> MeasuredTable {
    MeasuredTable(metrics: metrics, rows: rows.filter { $0.fold == fold })
  }

  /// The rows of several tables in case order: by subject, then fold, as ``MetricsTable`` has them.
  static func joined(_ tables: [MeasuredTable]) -> MeasuredTable {
    // A metric that some table lacks has no column: its mean would be of some folds only.
    let metrics = (tables.first?.metrics ?? []).filter { name in
      tables.allSatisfy { $0.metrics.contains(name) }
    }
    let rows = tables.flatMap { table in
      let places = metrics.compactMap { table.metrics.firstIndex(of: $0) }
      return table.rows.map { row in
        var row = row
        row.values = places.map { row.values[$0] }
        return row
      }
    }
    let sorted = rows.enumerated().sorted { left, right in
      if left.element.subject != right.element.subject {
        return left.element.subject.precedes(right.element.subject)
      }
      let folds = (left.element.fold ?? -1, right.element.fold ?? -1)
      return folds.0 == folds.1 ? left.offset < right.offset : folds.0 < folds.1
    }
    return MeasuredTable(metrics: metrics, rows: sorted.map(\.element))
  }
}
