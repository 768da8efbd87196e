internal import Evaluation

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
    return TextTable(rows: rows).description
  }

  private static func cells(_ table: MetricsTable, _ labels: [UInt8]) -> [String] {
    let values = labels.map { label in
      let aggregate = table.aggregate(Dice.self, label: label)
      let undefined = aggregate.undefinedCount
      return TextTable.score(aggregate.mean) + (undefined > 0 ? " (\(undefined) undefined)" : "")
    }
    return ["\(table.subjects.count)"] + values + [TextTable.score(table.foregroundMean(Dice.self))]
  }
}
