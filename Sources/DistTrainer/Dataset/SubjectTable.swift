internal import Evaluation
internal import Foundation

/// A table in CSV with a row a subject: a manifest, or the groups beside a `dataset.json`.
struct SubjectTable {
  /// One row.
  struct Row {
    var line: Int
    var subject: String
    /// By column, the values that are not empty.
    var values: [String: String]
  }

  let path: String
  /// The columns in order, `subject` included.
  let columns: [String]
  let rows: [Row]

  /// Reads and checks a table.
  ///
  /// - Throws: ``DatasetError`` for a file that cannot be read or is no CSV, for a missing or
  ///   repeated column, rows of another length than the header, and subjects missing or repeated.
  init(path: String) throws(DatasetError) {
    let parsed: [(line: Int, fields: [String])]
    do {
      parsed = try CSV.rows(of: String(contentsOfFile: path, encoding: .utf8))
    } catch let error as EvaluationError {
      throw DatasetError(path, ["\(path) is no table: \(error)"])
    } catch {
      throw DatasetError(path, ["\(path) cannot be read: give a CSV file of UTF-8 text."])
    }
    guard let header = parsed.first?.fields.map(\.trimmed), header.contains("subject") else {
      throw DatasetError(
        path, ["\(path) has no column subject: its first line must name the columns."])
    }
    var faults: [String] = []
    for (column, count) in Dictionary(header.map { ($0, 1) }, uniquingKeysWith: +).sorted(by: {
      $0.key.precedes($1.key)
    }) where count > 1 {
      faults.append("\(path) has the column \(column) \(count) times: keep one.")
    }
    guard faults.isEmpty else { throw DatasetError(path, faults) }

    var rows: [Row] = []
    var lines: [String: Int] = [:]
    for (line, fields) in parsed.dropFirst() {
      guard fields.count == header.count else {
        faults.append(
          "Line \(line) of \(path) has \(fields.count) fields where the header has "
            + "\(header.count): add or remove commas.")
        continue
      }
      let values = Dictionary(uniqueKeysWithValues: zip(header, fields.map(\.trimmed)))
        .filter { !$0.value.isEmpty }
      guard let subject = values["subject"] else {
        faults.append("Line \(line) of \(path) names no subject: fill the column subject.")
        continue
      }
      if let first = lines.updateValue(line, forKey: subject) {
        faults.append(
          "\(path) has the subject \(subject) twice, in lines \(first) and \(line): keep one.")
      }
      if let fault = Self.fault(ofName: subject) {
        faults.append("Line \(line) of \(path): \(fault)")
      }
      rows.append(Row(line: line, subject: subject, values: values))
    }
    guard faults.isEmpty else { throw DatasetError(path, faults) }
    self.path = path
    columns = header
    self.rows = rows
  }

  /// Names become file names: no path may hide in one.
  static func fault(ofName name: String) -> String? {
    guard name.contains("/") || name.hasPrefix(".") || name.contains("\0") else { return nil }
    return "the subject \(name) cannot be a file's name: rename it without a slash or leading dot."
  }

  /// The fold of a row, if the table has that column and the row fills it.
  func fold(of row: Row, findings: inout [Finding]) -> Int? {
    guard let text = row.values["fold"] else { return nil }
    if let fold = Int(text), (0..<10_000).contains(fold) { return fold }
    findings.append(
      Finding(
        .brokenRow, row.subject,
        "Line \(row.line) of \(path) has the fold \(text): folds are numbers from 0 on."))
    return nil
  }
}

extension String {
  /// The text without spaces and tabs around it.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return String(text)
  }
}
