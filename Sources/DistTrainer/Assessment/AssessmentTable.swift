public import Evaluation

/// The main measures per subject and structure, their means, and what had no value, as text.
public struct AssessmentTable: CustomStringConvertible, Sendable {
  /// The measures that fit on a line; `metrics.csv` and `summary.json` have all.
  private static let shown: [any OverlapMetric.Type] = [
    Dice.self, Precision.self, Recall.self, Jaccard.self,
  ]
  private let table: MetricsTable

  /// The table of these subjects.
  public init(_ table: MetricsTable) { self.table = table }

  /// One line a subject and structure, with a dash for what is not defined; for each structure the
  /// mean over subjects with a value, and where a structure was missed or made up the mean with the
  /// worst case there; then how often a structure was absent, and the rule.
  public var description: String {
    let measures = measures
    var rows = [["subject", "label"] + measures.map(\.name)]
    for subject in table.subjects {
      for entry in subject.structures {
        rows.append(
          [subject.subject, entry.name]
            + measures.map { TextTable.score($0.value(of: entry).number) })
      }
    }
    var absences: [String] = []
    for structure in table.structures {
      let entries = table.entries(of: structure)
      let aggregates = measures.map { table.aggregate($0, structure) }
      rows.append(
        ["mean of \(entries.count)", structure.name] + aggregates.map { TextTable.score($0.mean) })
      let reasons = entries.compactMap(\.counts.absence)
      guard !reasons.isEmpty else { continue }
      if reasons.contains(where: \.isFault) {
        rows.append(
          ["worst case", structure.name] + aggregates.map { TextTable.score($0.worstCaseMean) })
      }
      absences.append(Self.absences(of: structure.name, reasons, among: entries.count))
    }
    return ([TextTable(rows: rows, namedColumns: 2).description] + absences + rule(absences))
      .joined(separator: "\n")
  }

  /// All measures as JSON, in the form of nnU-Net's `summary.json`.
  public var json: String { table.summary.indented }

  /// The overlap of ``shown``, and of surfaces the pooled mean, the extremes and the surface Dice.
  private var measures: [Measure] {
    guard let surface = table.surface else { return Self.shown.map { Measure($0) } }
    let names = SurfaceMetric.all(surface).filter { metric in
      switch metric {
      case .pooledMean, .percentile95, .maximum, .surfaceDice: true
      default: false
      }
    }.map { $0.name(surface.family) }
    return Self.shown.map { Measure($0) }
      + Measure.surfaces(surface).filter { names.contains($0.name) }
  }

  private static func absences(
    of name: String, _ reasons: [UndefinedReason], among subjects: Int
  ) -> String {
    let parts: [(UndefinedReason, String)] = [
      (.bothEmpty, "absent from both volumes in"), (.predictionEmpty, "missed in"),
      (.referenceEmpty, "made up in"),
    ]
    let counted = parts.compactMap { reason, words -> String? in
      let count = reasons.count { $0 == reason }
      return count == 0 ? nil : "\(words) \(count)"
    }
    return "\(name): \(counted.joined(separator: ", ")) of \(subjects) subjects"
  }

  /// How absent structures count, where there are any.
  private func rule(_ absences: [String]) -> [String] {
    guard !absences.isEmpty else { return [] }
    return [
      "A mean leaves out what is not defined (-). The worst case counts it as 0 where a structure "
        + "was missed or made up"
        + (table.surface == nil ? "." : ", a distance as the diagonal of the subject's grid.")
    ]
  }
}

extension MetricsTable {
  /// Writes `metrics.csv` and `summary.json` into a folder, which is made where it is missing.
  ///
  /// - Throws: ``FileError``.
  public func write(toFolder path: String) throws {
    try makeFolder(path)
    try ResultFolder(path: path).write(self)
  }
}
