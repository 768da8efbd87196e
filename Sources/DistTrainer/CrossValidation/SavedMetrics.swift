internal import Evaluation
internal import Foundation

extension Study {
  /// The metrics of the folds that a run folder holds complete, those of `folds` left out.
  ///
  /// - Throws: ``FileError`` for a table that is damaged or of other subjects.
  func savedMetrics(except folds: [Int], in folder: RunFolder) throws -> [SubjectMetrics] {
    try self.folds.splits.indices.filter { !folds.contains($0) }.flatMap {
      try savedMetrics(fold: $0, in: folder)
    }
  }

  /// The metrics that one fold left; none where it has not come to its end.
  private func savedMetrics(fold: Int, in folder: RunFolder) throws -> [SubjectMetrics] {
    let path = folder.fold(fold).validation.metrics
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let subjects = measuredPlaces(fold).map { dataset.subjects[$0] }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let entries = entries(in: text, subjects: subjects.map(\.name))
    else {
      throw FileError(
        path: path,
        description: "\(path) does not hold the metrics of fold \(fold): remove it and make it "
          + "again with --fold \(fold) --continue.")
    }
    return experiment.metrics(entries, of: subjects, fold: fold, in: folder).subjects
  }

  /// What `metrics.csv` holds of each subject, in the order of `subjects`; nil where a row or column
  /// is missing or too many.
  private func entries(in text: String, subjects: [String]) -> [[LabelMetrics]]? {
    let measurement = experiment.measurement
    let columns = MetricsTable.columns(measurement.surface)
    guard let rows = try? CSV.rows(of: text), rows.first?.fields == columns else { return nil }
    var found: [[String]: [String: String]] = [:]
    for row in rows.dropFirst() {
      guard row.fields.count == columns.count else { return nil }
      let cells = Dictionary(zip(columns, row.fields), uniquingKeysWith: { first, _ in first })
      let key = ["subject", "label", "name"].compactMap { cells[$0] }
      guard found.updateValue(cells, forKey: key) == nil else { return nil }
    }
    guard found.count == subjects.count * measurement.structures.count else { return nil }
    let entries = subjects.map { subject in
      measurement.structures.compactMap { structure in
        found[[subject, structure.labelText, structure.name]]
          .flatMap { measurement.entry(structure, cells: $0) }
      }
    }
    return entries.allSatisfy { $0.count == measurement.structures.count } ? entries : nil
  }
}

extension StructureMeasurement {
  /// What a row of `metrics.csv` holds, by column; nil where it does not make sense.
  fileprivate func entry(
    _ structure: MeasuredStructure, cells: [String: String]
  ) -> LabelMetrics? {
    let numbers = ["tp", "fp", "fn", "tn"].compactMap { cells[$0].flatMap { Int64($0) } }
    guard numbers.count == 4, numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) else { return nil }
    let counts = ConfusionCounts(numbers)
    var entry = LabelMetrics(structure, counts: counts)
    guard let surface else { return entry }
    func number(_ column: String) -> Double? {
      cells[column].flatMap { Double($0) }.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
    let measures = counts.absence == nil ? Measure.surfaces(surface) : []
    let values = measures.compactMap { number($0.name) }
    guard values.count == measures.count, let diagonal = number(MetricsTable.gridDiagonal) else {
      return nil
    }
    entry.surfaces = SurfaceMeasures(settings: surface, values: values, gridDiagonal: diagonal)
    return entry
  }
}
