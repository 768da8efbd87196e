extension MetricsTable {
  /// The columns of ``csv`` where surfaces were not measured.
  public static let columns: [String] = columns(nil)

  /// The columns of ``csv`` where surfaces were measured so.
  ///
  /// What the names stand for is written in `summary.json` (`definitions`).
  public static func columns(_ surface: SurfaceSettings?) -> [String] {
    ["subject", "fold", "label", "name"] + Measure.all(surface).map(\.name)
      + (surface == nil ? [] : [gridDiagonal])
      + ["tp", "fp", "fn", "tn", "referenceVoxels", "predictedVoxels", "undefined"]
  }

  /// The column of the worst case of distances.
  public static let gridDiagonal = "grid_diagonal_mm"

  /// The table as comma-separated values: one row a subject and structure, in case order.
  ///
  /// A value that is undefined is an empty field, and the column `undefined` says which metrics and
  /// why (`precision=predictionEmpty;…`), so that no row looks merely incomplete.
  public var csv: String {
    let (surface, measures) = (surface, measures)
    var text = CSV.line(Self.columns(surface))
    for subject in subjects {
      for entry in subject.structures {
        text += CSV.line(Self.row(subject, entry, measures, hasSurfaces: surface != nil))
      }
    }
    return text
  }

  private static func row(
    _ subject: SubjectMetrics, _ entry: LabelMetrics, _ measures: [Measure], hasSurfaces: Bool
  ) -> [String] {
    let counts = entry.counts
    let values = measures.map { (name: $0.name, value: $0.value(of: entry)) }
    let reasons = values.compactMap { item in
      item.value.reason.map { "\(item.name)=\($0.rawValue)" }
    }
    let diagonal = entry.surfaces.map { "\($0.gridDiagonal)" } ?? ""
    return [
      subject.subject, subject.fold.map { "\($0)" } ?? "", entry.structure.labelText, entry.name,
    ] + values.map { $0.value.number.map { "\($0)" } ?? "" } + (hasSurfaces ? [diagonal] : [])
      + [
        counts.truePositives, counts.falsePositives, counts.falseNegatives, counts.trueNegatives,
        counts.referenceVoxels, counts.predictedVoxels,
      ].map { "\($0)" } + [reasons.joined(separator: ";")]
  }
}
