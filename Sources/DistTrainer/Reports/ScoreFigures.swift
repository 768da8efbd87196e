internal import Evaluation
internal import Foundation

/// ROC and precision-recall curves of a run, from the histograms of probabilities that its folds left
/// beside their metrics.
enum ScoreFigures {
  /// The curves of each structure: a line a fold, and their mean with its standard deviation.
  ///
  /// - Parameters:
  ///   - run: the run; folds without `scores.csv` are passed over.
  ///   - number: the run's number in the report.
  /// - Returns: two figures a structure that any fold has scores of.
  /// - Throws: ``FileError`` for a damaged file.
  static func figures(_ run: ReportedRun, number: Int) throws -> [NamedFigure] {
    let folds = try run.folds.filter { $0.table != nil }.compactMap { fold in
      try histograms(run.folder.fold(fold.number).validation).map { (fold.number, $0) }
    }
    var figures: [NamedFigure] = []
    for (place, structure) in run.table.structures.enumerated() {
      let curves = folds.compactMap { fold, histograms in
        histograms[structure.label].map { (name: "fold \(fold)", curve: ScoreCurve($0)) }
      }
      guard !curves.isEmpty else { continue }
      for kind in CurveKind.allCases {
        let family = CurveFamily(kind, of: curves)
        figures.append(
          NamedFigure(
            name: "\(kind == .roc ? "roc" : "pr")-\(number)-\(place + 1)",
            figure: chart(family, title: "\(run.name), \(structure.name)").figure))
      }
    }
    return figures
  }

  private static func chart(_ family: CurveFamily, title: String) -> LineChart {
    let area = family.kind.areaName
    var curves = family.members.compactMap { member -> LineChart.Curve? in
      guard let value = member.area.number else { return nil }
      let points = points(of: member.curve, family.kind)
      return LineChart.Curve(
        "\(member.name), \(area) \(DecimalText.fixed(value, decimals: 4))", x: points.map(\.x),
        y: points.map(\.y))
    }
    if curves.count > 1, let mean = family.mean, let value = family.area.mean {
      let deviation = family.area.standardDeviation.map {
        " ± \(DecimalText.fixed($0, decimals: 4))"
      }
      curves.append(
        LineChart.Curve(
          "mean, \(area) \(DecimalText.fixed(value, decimals: 4))\(deviation ?? "")",
          x: mean.abscissae, y: mean.mean, deviation: mean.standardDeviation))
    }
    switch family.kind {
    case .roc: return .receiverOperating(curves, title: "ROC: \(title)")
    default:
      let pooled = family.pooled
      let all = Double(pooled.positives + pooled.negatives)
      return .precisionRecall(
        curves, prevalence: all > 0 ? Double(pooled.positives) / all : nil,
        title: "Precision and recall: \(title)")
    }
  }

  /// The points of a curve, from the left.
  private static func points(of curve: ScoreCurve, _ kind: CurveKind) -> [SIMD2<Double>] {
    switch kind {
    case .roc:
      return [SIMD2(0, 0)]
        + curve.points.map { SIMD2(curve.falsePositiveRate(of: $0), curve.recall(of: $0)) }
    default:
      // Below the lowest recall that a threshold reaches there is no precision but the first one's.
      let points = curve.points.map { SIMD2(curve.recall(of: $0), $0.precision) }
      return (points.first.map { [SIMD2(0, $0.y)] } ?? []) + points
    }
  }

  /// A fold's histograms by label, from `scores.csv`: one row a label and bin, with the columns
  /// `label`, `bin`, `positives` and `negatives`; nil where there is no such file.
  private static func histograms(
    _ folder: ResultFolder
  ) throws(FileError) -> [String: ScoreHistogram]? {
    let path = folder.path.appending(file: "scores.csv")
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let rows = try? CSV.rows(of: text).map(\.fields),
      rows.first == ["label", "bin", "positives", "negatives"]
    else { throw damaged(path) }
    var triples: [String: [Int64]] = [:]
    for row in rows.dropFirst() {
      let numbers = row.dropFirst().compactMap { Int64($0) }
      guard row.count == 4, numbers.count == 3 else { throw damaged(path) }
      triples[row[0], default: []] += numbers
    }
    do {
      return try triples.mapValues { try ScoreHistogram(sparse: $0) }
    } catch {
      throw damaged(path)
    }
  }

  private static func damaged(_ path: String) -> FileError {
    FileError(
      path: path,
      description: "\(path) is not a histogram of scores: remove it, or train the fold to its end "
        + "again with --continue.")
  }
}
