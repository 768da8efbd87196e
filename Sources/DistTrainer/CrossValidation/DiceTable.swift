internal import Evaluation

/// The table at the end of a cross-validation: mean Dice per fold and label, as text.
struct DiceTable: CustomStringConvertible {
  private let table: MetricsTable

  /// The table of a cross-validation's subjects.
  init(_ table: MetricsTable) { self.table = table }

  /// One line a fold, one column a label or group; a mean leaves out subjects where Dice is not defined and
  /// says how many.
  var description: String {
    let structures = table.structures
    var rows = [["fold", "subjects"] + structures.map(\.name) + ["mean"]]
    for fold in Set(table.subjects.compactMap(\.fold)).sorted() {
      rows.append(["\(fold)"] + Self.cells(table.fold(fold), structures))
    }
    rows.append(["all"] + Self.cells(table, structures))
    return TextTable(rows: rows).description
  }

  private static func cells(_ table: MetricsTable, _ structures: [MeasuredStructure]) -> [String] {
    let values = structures.map { structure in
      let aggregate = table.aggregate(Measure(Dice.self), structure)
      let undefined = aggregate.undefinedCount
      return TextTable.score(aggregate.mean) + (undefined > 0 ? " (\(undefined) undefined)" : "")
    }
    return ["\(table.subjects.count)"] + values + [TextTable.score(table.foregroundMean(Dice.self))]
  }
}
