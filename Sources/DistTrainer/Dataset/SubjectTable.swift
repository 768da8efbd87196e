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
  /// The rows that are sound; of several with one subject, the first.
  let rows: [Row]
  /// What is wrong with the others.
  let findings: [Finding]

  /// Reads and checks a table.
  ///
  /// Rows of another length than the header, without a subject, with a name that is no file's, and
  /// those of a subject once more are left out, with a finding.
  ///
  /// - Throws: ``DatasetError`` for a file that cannot be read or is no CSV, and for a missing or
  ///   repeated column.
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
    var findings: [Finding] = []
    var lines: [String: Int] = [:]
    for (line, fields) in parsed.dropFirst() {
      func leaveOut(_ kind: Finding.Kind, _ subject: String?, _ sentence: String) {
        findings.append(Finding(kind, subject, sentence))
      }
      let values = Dictionary(zip(header, fields.map(\.trimmed)), uniquingKeysWith: { a, _ in a })
        .filter { !$0.value.isEmpty }
      let subject = values["subject"]
      if fields.count != header.count {
        leaveOut(
          .brokenRow, subject,
          "Line \(line) of \(path) has \(fields.count) fields where the header has "
            + "\(header.count): add or remove commas.")
      } else if let subject {
        if let first = lines[subject] {
          leaveOut(
            .repeatedSubject, subject,
            "\(path) has the subject \(subject) twice, in lines \(first) and \(line): keep one.")
        } else if let fault = Self.fault(ofName: subject) {
          leaveOut(.brokenRow, subject, "Line \(line) of \(path): \(fault)")
        } else {
          rows.append(Row(line: line, subject: subject, values: values))
        }
        lines[subject] = lines[subject] ?? line
      } else {
        leaveOut(
          .brokenRow, nil, "Line \(line) of \(path) names no subject: fill the column subject.")
      }
    }
    self.path = path
    columns = header
    self.rows = rows
    self.findings = findings
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
