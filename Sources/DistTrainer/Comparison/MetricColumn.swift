internal import Evaluation
internal import Foundation

/// One metric read from tables of metrics: rows with the columns `subject`, the metric's, and where
/// there are several structures `label` or `name`.
///
/// The tables are those of runs and of `evaluate`; a table from elsewhere needs no more columns. A
/// value that is missing is an empty field or `nan`. Lines that begin with `#` are comments.
struct MetricColumn {
  let metric: String
  private(set) var labels: [MeasuredLabel] = []

  init(metric: String) { self.metric = metric }

  /// Reads one more table.
  ///
  /// - Throws: ``ComparisonError`` for a table that cannot be read, lacks a column, or names a
  ///   subject twice for one structure.
  mutating func read(_ path: String) throws(ComparisonError) {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ComparisonError(["\(path) cannot be read as text: name a metrics.csv."])
    }
    var rows: [(line: Int, fields: [String])]
    do {
      rows = try CSV.rows(of: text)
    } catch {
      throw ComparisonError(["\(path): \(error)"])
    }
    rows.removeAll { $0.fields[0].hasPrefix("#") }
    guard let heading = rows.first?.fields else {
      throw ComparisonError(["\(path) is empty: name a metrics.csv with a row a subject."])
    }
    let columns = try Columns(heading, metric: metric, path: path)
    for row in rows.dropFirst() {
      guard row.fields.count == heading.count else {
        throw ComparisonError([
          "Line \(row.line) of \(path) has \(row.fields.count) fields and the heading "
            + "\(heading.count): mend the table."
        ])
      }
      try add(row.fields, at: "line \(row.line) of \(path)", columns)
    }
  }

  private mutating func add(
    _ fields: [String], at place: String, _ columns: Columns
  ) throws(ComparisonError) {
    let number = columns.label.map { fields[$0] } ?? ""
    let title = columns.name.map { fields[$0] } ?? ""
    let name = title.isEmpty ? (number.isEmpty ? "all" : number) : title
    let index = labels.firstIndex { $0.name == name && $0.number == number } ?? labels.count
    if index == labels.count {
      labels.append(MeasuredLabel(name: name, number: number))
    }
    let subject = fields[columns.subject]
    guard labels[index].values[subject] == nil, labels[index].undefined[subject] == nil else {
      throw ComparisonError([
        "Subject \(subject) occurs twice for \(name), again in \(place): keep one of the rows."
      ])
    }
    let text = fields[columns.value].lowercased()
    if text.isEmpty || text == "nan" {
      let reasons = columns.undefined.map { fields[$0] } ?? ""
      let reason = reasons.split(separator: ";").first { $0.hasPrefix("\(metric)=") }
      labels[index].undefined[subject] =
        reason.map { String($0.dropFirst(metric.count + 1)) } ?? "no value"
      return
    }
    guard let value = Double(text) else {
      throw ComparisonError([
        "In \(place) the column \(metric) holds \(fields[columns.value]), which is no number: "
          + "mend it, or leave the field empty where there is no value."
      ])
    }
    if value.isFinite {
      labels[index].values[subject] = value
    } else {
      labels[index].undefined[subject] = "infinite"
    }
  }

  /// Where the columns stand.
  private struct Columns {
    var subject: Int
    var value: Int
    var label: Int?
    var name: Int?
    var undefined: Int?

    init(_ heading: [String], metric: String, path: String) throws(ComparisonError) {
      guard let subject = heading.firstIndex(of: "subject") else {
        throw ComparisonError([
          "\(path) has no column subject: subjects are matched by its names; add it."
        ])
      }
      guard let value = heading.firstIndex(of: metric) else {
        let others = [
          "subject", "fold", "label", "name", "tp", "fp", "fn", "tn", "referenceVoxels",
          "predictedVoxels", "undefined",
        ]
        let metrics = heading.filter { !others.contains($0) }
        throw ComparisonError([
          "\(path) has no column \(metric): "
            + NearestKey.sentence(for: metric, among: metrics, plural: "its metrics")
        ])
      }
      self.subject = subject
      self.value = value
      label = heading.firstIndex(of: "label")
      name = heading.firstIndex(of: "name")
      undefined = heading.firstIndex(of: "undefined")
    }
  }
}

extension NearestKey {
  /// The remedy as the end of a sentence: a question has its mark.
  static func sentence(for word: String, among candidates: [String], plural: String) -> String {
    let remedy = remedy(for: word, among: candidates, plural: plural)
    return remedy.hasSuffix("?") ? remedy : remedy + "."
  }
}
