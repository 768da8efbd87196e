internal import Evaluation

/// One table of a report, as a value: the page shows it, and files hold it for spreadsheets,
/// documents and papers.
struct ReportTable: Sendable, Equatable {
  /// A column.
  struct Column: Sendable, Equatable {
    var title: String
    /// Whether the cells are numbers, which stand to the right.
    var isNumeric = true
  }

  /// One cell.
  enum Cell: Sendable, Equatable {
    /// Words.
    case text(String)
    /// A whole number.
    case count(Int)
    /// A number, or that there is none.
    case number(Double?, decimals: Int)
    /// A number of any magnitude with two significant digits, or that there is none.
    case significant(Double?)
    /// A mean with its standard deviation, and how many values are in neither.
    case spread(mean: Double?, deviation: Double?, undefined: Int, decimals: Int)
  }

  /// What files are called, and links lead to: small letters and hyphens.
  var name: String
  /// What stands over it.
  var title: String
  /// What the reader needs to know to read it.
  var caption: String
  var columns: [Column]
  /// The rows, each with a cell for every column.
  var rows: [[Cell]]

  init(_ name: String, title: String, caption: String, columns: [Column], rows: [[Cell]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "a row has a cell for every column")
    self.name = name
    self.title = title
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}

extension ReportTable.Cell {
  /// A column's mean and standard deviation over subjects.
  init(_ aggregate: Aggregate, decimals: Int) {
    self = .spread(
      mean: aggregate.mean, deviation: aggregate.standardDeviation,
      undefined: aggregate.undefinedCount, decimals: decimals)
  }

  /// The cell as people read it.
  var shown: String {
    switch self {
    case .text(let text): return text
    case .count(let count): return "\(count)"
    case .number(let number, let decimals):
      return number.map { DecimalText.fixed($0, decimals: decimals) } ?? "-"
    case .significant(let number):
      return number.map { DecimalText.significant($0, digits: 2) } ?? "-"
    case .spread(let mean, let deviation, let undefined, let decimals):
      var text = mean.map { DecimalText.fixed($0, decimals: decimals) } ?? "-"
      if let deviation { text += " ± " + DecimalText.fixed(deviation, decimals: decimals) }
      return undefined > 0 ? "\(text) (\(undefined) undefined)" : text
    }
  }

  /// What rows are sorted by; nil for words and for numbers that are not there.
  var sortKey: Double? {
    switch self {
    case .text: nil
    case .count(let count): Double(count)
    case .number(let number, _), .significant(let number): number
    case .spread(let mean, _, _, _): mean
    }
  }
}

extension ReportTable {
  /// The table as comma-separated values, numbers with all their digits; a mean with its deviation
  /// makes three columns.
  var csv: String {
    let isSpread = columns.indices.map { column in
      rows.contains { if case .spread = $0[column] { true } else { false } }
    }
    var text = CSV.line(
      zip(columns, isSpread).flatMap { column, isSpread in
        isSpread
          ? ["\(column.title) mean", "\(column.title) SD", "\(column.title) undefined"]
          : [column.title]
      })
    for row in rows {
      text += CSV.line(
        zip(row, isSpread).flatMap { cell, isSpread -> [String] in
          let fields = cell.exact
          return isSpread ? fields + Array(repeating: "", count: 3 - fields.count) : fields
        })
    }
    return text
  }

  /// The table as GitHub's Markdown has it.
  var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    var text = "**\(Self.escapedForMarkdown(title))**\n\n"
    text += line(columns.map { Self.escapedForMarkdown($0.title) })
    text += line(columns.map { $0.isNumeric ? "---:" : ":---" })
    for row in rows { text += line(row.map { Self.escapedForMarkdown($0.shown) }) }
    return text + "\n\(Self.escapedForMarkdown(caption))\n"
  }

  /// Rows at most of a table that stands on one page of a paper.
  private static let pageful = 40

  /// The table as LaTeX, for the package booktabs; a table longer than a page also needs longtable.
  var latex: String {
    func line(_ cells: [String]) -> String { "    " + cells.joined(separator: " & ") + " \\\\\n" }
    let caption =
      "\\caption{\(Self.escapedForLaTeX(title + ". " + self.caption))}\\label{tab:\(name)}"
    let kinds = columns.map { $0.isNumeric ? "r" : "l" }.joined()
    let head =
      "    \\toprule\n" + line(columns.map { Self.escapedForLaTeX($0.title) }) + "    \\midrule\n"
    let body =
      rows.map { line($0.map { Self.number(Self.escapedForLaTeX($0.shown)) }) }.joined()
    guard rows.count > Self.pageful else {
      return "\\begin{table}\n  \\centering\n  \(caption)\n  \\begin{tabular}{\(kinds)}\n" + head
        + body
        + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n"
    }
    return "\\begin{longtable}{\(kinds)}\n    \(caption) \\\\\n" + head + "    \\endhead\n" + body
      + "    \\bottomrule\n\\end{longtable}\n"
  }

  /// A cell with a minus where a hyphen stands before a digit.
  private static func number(_ cell: String) -> String {
    guard cell.first == "-", cell.dropFirst().first?.isNumber == true else { return cell }
    return "$-$" + cell.dropFirst()
  }

  private static func escapedForMarkdown(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\", "|", "*", "_", "`", "[", "]", "<", ">", "&", "#", "~": escaped += "\\\(character)"
      case _ where character.isNewline: escaped += " "
      default: escaped.append(character)
      }
    }
    return escaped
  }

  private static func escapedForLaTeX(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\textbackslash{}"
      case "{", "}", "$", "&", "#", "_", "%": escaped += "\\\(character)"
      case "~": escaped += "\\textasciitilde{}"
      case "^": escaped += "\\textasciicircum{}"
      case "±": escaped += "$\\pm$"
      case "<", ">": escaped += "$\(character)$"
      case "\u{2212}": escaped += "$-$"
      case _ where character.isNewline: escaped += " "
      default: escaped.append(character)
      }
    }
    return escaped
  }
}

extension ReportTable.Cell {
  /// The fields of the cell with all their digits.
  fileprivate var exact: [String] {
    func digits(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
    return switch self {
    case .text(let text): [text]
    case .count(let count): ["\(count)"]
    case .number(let number, _), .significant(let number): [digits(number)]
    case .spread(let mean, let deviation, let undefined, _):
      [digits(mean), digits(deviation), "\(undefined)"]
    }
  }
}
