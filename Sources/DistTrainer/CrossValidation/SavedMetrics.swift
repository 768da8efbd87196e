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
    let subjects = validationPlaces(fold).map { dataset.subjects[$0] }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let counts = counts(in: text, subjects: subjects.map(\.name))
    else {
      throw FileError(
        path: path,
        description: "\(path) does not hold the metrics of fold \(fold): remove it and make it "
          + "again with --fold \(fold) --continue.")
    }
    return experiment.metrics(counts, of: subjects, fold: fold, in: folder).subjects
  }

  /// Four counts (TP, FP, FN, TN) for each subject and foreground class, in order, from the text of
  /// `metrics.csv`; nil where a row or column is missing or too many.
  private func counts(in text: String, subjects: [String]) -> [Int64]? {
    guard let rows = try? CSV.rows(of: text), rows.first?.fields == MetricsTable.columns
    else { return nil }
    let places = ["subject", "label", "tp", "fp", "fn", "tn"]
      .compactMap { MetricsTable.columns.firstIndex(of: $0) }
    var found: [String: [Int64]] = [:]
    for row in rows.dropFirst() {
      guard row.fields.count == MetricsTable.columns.count else { return nil }
      let counts = places.dropFirst(2).compactMap { Int64(row.fields[$0]) }
      let key = "\(row.fields[places[0]])/\(row.fields[places[1]])"
      guard counts.count == 4, counts.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }),
        found.updateValue(counts, forKey: key) == nil
      else { return nil }
    }
    let labels = experiment.labels.dropFirst().map(\.number)
    let ordered = subjects.flatMap { name in labels.map { found["\(name)/\($0)"] } }
    guard found.count == ordered.count, !ordered.contains(nil) else { return nil }
    return ordered.compactMap(\.self).flatMap(\.self)
  }
}
