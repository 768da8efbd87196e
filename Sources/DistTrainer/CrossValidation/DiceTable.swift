internal import Evaluation
internal import Foundation

/// The table at the end of a cross-validation: mean Dice per fold and label, as text.
struct DiceTable: CustomStringConvertible {
  private let table: MetricsTable

  /// The table of a cross-validation's subjects.
  init(_ table: MetricsTable) { self.table = table }

  /// One line a fold, one column a label; a mean leaves out subjects where Dice is not defined and
  /// says how many.
  var description: String {
    let labels = table.labels
    var rows = [["fold", "subjects"] + labels.map(\.name) + ["mean"]]
    for fold in Set(table.subjects.compactMap(\.fold)).sorted() {
      rows.append(["\(fold)"] + Self.cells(table.fold(fold), labels.map(\.label)))
    }
    rows.append(["all"] + Self.cells(table, labels.map(\.label)))
    return Self.aligned(rows)
  }

  private static func cells(_ table: MetricsTable, _ labels: [UInt8]) -> [String] {
    let values = labels.map { label in
      let aggregate = table.aggregate(Dice.self, label: label)
      let undefined = aggregate.undefinedCount
      return number(aggregate.mean) + (undefined > 0 ? " (\(undefined) undefined)" : "")
    }
    return ["\(table.subjects.count)"] + values + [number(table.foregroundMean(Dice.self))]
  }

  private static func number(_ value: Double?) -> String {
    value.map { String(format: "%.4f", $0) } ?? "-"
  }

  /// Columns padded to equal width, numbers to the right.
  private static func aligned(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { cell, width in
        String(repeating: " ", count: width - cell.count) + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
