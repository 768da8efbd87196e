internal import Evaluation
internal import Foundation

extension ResultFolder {
  /// `curves.csv`: areas under the ROC and the precision-recall curve, one row a subject and label.
  public var curves: String { path.appending(file: "curves.csv") }
  /// `scores.csv`: voxels by probability in 2^16 bins, all subjects together, one row a label and
  /// bin that is not empty.
  public var scores: String { path.appending(file: "scores.csv") }
  /// `subject_scores.csv`: the same in 2^10 bins, subject by subject.
  public var subjectScores: String { path.appending(file: "subject_scores.csv") }
}

extension FoldScores {
  private static let curveColumns = [
    "subject", "fold", "label", "name", "positives", "negatives", "auc", "ap", "undefined",
  ]
  private static let scoreColumns = ["label", "bin", "positives", "negatives"]

  /// `curves.csv`: an area that is undefined is an empty field, and the column `undefined` says why.
  var curvesCSV: String { CSV.line(Self.curveColumns) + curveRows }

  /// ``curvesCSV`` without its heading.
  private var curveRows: String {
    entries.reduce(into: "") { text, entry in
      text += CSV.line([
        entry.subject, "\(fold)", "\(entry.label.number)", entry.label.name,
        "\(entry.positives)", "\(entry.negatives)",
        entry.areaUnderROC.map { "\($0)" } ?? "", entry.averagePrecision.map { "\($0)" } ?? "",
        entry.positives == 0 ? "noPositives" : entry.negatives == 0 ? "noNegatives" : "",
      ])
    }
  }

  /// `curves.csv` of several folds, one after another.
  static func curvesCSV(of folds: [FoldScores]) -> String {
    folds.reduce(into: CSV.line(curveColumns)) { $0 += $1.curveRows }
  }

  /// `scores.csv`.
  var scoresCSV: String {
    var text = CSV.line(Self.scoreColumns)
    for (label, histogram) in zip(labels, pooled) {
      for item in histogram.occupied {
        text += "\(label.number),\(item.bin),\(item.positives),\(item.negatives)\n"
      }
    }
    return text
  }

  /// `subject_scores.csv`.
  var subjectScoresCSV: String {
    var text = CSV.line(["subject"] + Self.scoreColumns)
    for entry in entries {
      // The name may hold a comma; what follows it holds none.
      let subject = CSV.line([entry.subject, "\(entry.label.number)"]).dropLast()
      for item in entry.scores.occupied {
        text += "\(subject),\(item.bin),\(item.positives),\(item.negatives)\n"
      }
    }
    return text
  }

  /// Writes the three files into a fold's validation folder.
  ///
  /// - Throws: ``FileError``.
  func write(to folder: ResultFolder) throws {
    try AtomicFile.replace(folder.curves, with: curvesCSV)
    try AtomicFile.replace(folder.scores, with: scoresCSV)
    try AtomicFile.replace(folder.subjectScores, with: subjectScoresCSV)
  }

  /// Reads the scores that a fold left; nil where it left none.
  ///
  /// - Parameters:
  ///   - folder: the run's folder.
  ///   - fold: the fold.
  ///   - labels: the foreground labels.
  ///   - subjects: the fold's validation subjects, in order.
  /// - Throws: ``FileError`` for files that are damaged or of other subjects.
  init?(of folder: RunFolder, fold: Int, labels: [DatasetLabel], subjects: [String]) throws {
    let results = folder.fold(fold).validation
    guard VolumeNames.exists(results.scores) else { return nil }
    let damaged = { (path: String) in
      FileError(
        path: path,
        description:
          "\(path) does not hold the scores of fold \(fold): remove it and make it again "
          + "with segmpi train --fold \(fold) --continue.")
    }
    let pooledRows = try Self.rows(of: results.scores, damaged)
    let subjectRows = try Self.rows(of: results.subjectScores, damaged)
    var pooled: [ScoreHistogram] = []
    for label in labels {
      let sparse = (pooledRows["\(label.number)"] ?? []).flatMap { row in
        [Int64(row.bin), Int64(row.positives), Int64(row.negatives)]
      }
      guard let histogram = try? ScoreHistogram(sparse: sparse) else {
        throw damaged(results.scores)
      }
      pooled.append(histogram)
    }
    var entries: [Entry] = []
    for subject in subjects {
      for label in labels {
        guard let found = subjectRows["\(label.number)/\(subject)"],
          let scores = CoarseScores(occupied: found)
        else { throw damaged(results.subjectScores) }
        let counts = scores.counts(at: 0)
        entries.append(
          Entry(
            subject: subject, label: label, positives: counts.truePositives,
            negatives: counts.falsePositives, scores: scores))
      }
    }
    guard entries.count == subjectRows.count else { throw damaged(results.subjectScores) }
    for (label, histogram) in zip(labels, pooled) {
      let own = entries.filter { $0.label == label }
      guard histogram.positives == own.reduce(0, { $0 + $1.positives }),
        histogram.negatives == own.reduce(0, { $0 + $1.negatives })
      else { throw damaged(results.scores) }
    }
    self.init(fold: fold, labels: labels, pooled: pooled, entries: entries)
    try readAreas(results.curves, damaged)
  }

  private typealias Bins = [(bin: Int, positives: Int, negatives: Int)]

  /// The rows of a file of bins, by label, or by label and subject.
  private static func rows(
    of path: String, _ damaged: (String) -> FileError
  ) throws -> [String: Bins] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let rows = try? CSV.rows(of: text), let heading = rows.first?.fields
    else { throw damaged(path) }
    let hasSubjects = heading == ["subject"] + scoreColumns
    guard hasSubjects || heading == scoreColumns else { throw damaged(path) }
    var found: [String: Bins] = [:]
    for row in rows.dropFirst() {
      let numbers = row.fields.suffix(3).compactMap { Int($0) }
      guard row.fields.count == heading.count, numbers.count == 3 else { throw damaged(path) }
      let key = hasSubjects ? "\(row.fields[1])/\(row.fields[0])" : row.fields[0]
      found[key, default: []].append((numbers[0], numbers[1], numbers[2]))
    }
    return found
  }

  /// Takes the areas, which the coarse bins do not tell exactly, from `curves.csv`.
  private mutating func readAreas(_ path: String, _ damaged: (String) -> FileError) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let rows = try? CSV.rows(of: text), rows.first?.fields == Self.curveColumns,
      rows.count == entries.count + 1
    else { throw damaged(path) }
    for (index, row) in rows.dropFirst().enumerated() {
      guard row.fields.count == Self.curveColumns.count,
        row.fields[0] == entries[index].subject,
        row.fields[2] == "\(entries[index].label.number)"
      else { throw damaged(path) }
      entries[index].areaUnderROC = Double(row.fields[6])
      entries[index].averagePrecision = Double(row.fields[7])
    }
  }
}
