extension MetricsTable {
  /// The columns of ``csv``.
  public static let columns: [String] =
    ["subject", "fold", "label", "name"] + OverlapMetrics.catalogue.map { $0.name }
    + ["tp", "fp", "fn", "tn", "referenceVoxels", "predictedVoxels", "undefined"]

  /// The table as comma-separated values: one row a subject and label, in case order.
  ///
  /// A value that is undefined is an empty field, and the column `undefined` says which metrics and
  /// why (`precision=predictionEmpty;…`), so that no row looks merely incomplete.
  public var csv: String {
    var text = CSV.line(Self.columns)
    for subject in subjects {
      for entry in subject.labels { text += CSV.line(Self.row(subject, entry)) }
    }
    return text
  }

  private static func row(_ subject: SubjectMetrics, _ entry: LabelMetrics) -> [String] {
    let counts = entry.counts
    let values = OverlapMetrics.catalogue.map { (name: $0.name, value: $0.value(of: counts)) }
    let reasons = values.compactMap { item in
      item.value.reason.map { "\(item.name)=\($0.rawValue)" }
    }
    return [subject.subject, subject.fold.map { "\($0)" } ?? "", "\(entry.label)", entry.name]
      + values.map { $0.value.number.map { "\($0)" } ?? "" }
      + [
        counts.truePositives, counts.falsePositives, counts.falseNegatives, counts.trueNegatives,
        counts.referenceVoxels, counts.predictedVoxels,
      ].map { "\($0)" } + [reasons.joined(separator: ";")]
  }
}
