internal import Evaluation
internal import Foundation

/// A table of results with its title, in the forms that terminals and papers take.
struct ResultTable {
  /// What stands above it.
  var title: String
  /// The columns' names.
  var heading: [String]
  /// The rows, each as long as the heading.
  var rows: [[String]]
  /// How many columns, from the first, hold names rather than numbers.
  var namedColumns = 1
  /// Sentences below it.
  var notes: [String] = []

  /// For a terminal: columns padded to equal width.
  var text: String {
    let table = TextTable(rows: [heading] + rows, namedColumns: namedColumns)
    return ([title, table.description] + notes).joined(separator: "\n")
  }

  /// Markdown: names to the left, numbers to the right.
  var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = heading.indices.map { $0 < namedColumns ? ":--" : "--:" }
    var lines = ["**\(title)**", "", line(heading), line(rule)] + rows.map(line)
    if !notes.isEmpty { lines += [""] + notes.map { "\($0)  " } }
    return lines.joined(separator: "\n")
  }

  /// A number with four decimals, a dash for none; where that leaves fewer than two digits, in
  /// scientific notation.
  static func figure(_ value: Double?) -> String {
    guard let value else { return "-" }
    if value != 0, !(0.001..<1e9).contains(value.magnitude) {
      return String(format: "%.2e", value)
    }
    return String(format: "%.4f", value)
  }
}
