/// The metrics of a set of subjects: rows in case order, aggregates, and the files made of them.
///
/// Rows are sorted by subject name (Unicode scalar order) and then by fold, so that the order in
/// which ranks deliver them changes nothing in the files, not even the last bit of a mean.
public struct MetricsTable: Sendable, Equatable {
  /// The rows in case order.
  public let subjects: [SubjectMetrics]

  /// A table of `subjects`, which may come in any order.
  public init(_ subjects: [SubjectMetrics]) {
    self.subjects = subjects.sorted {
      let (left, right) = ($0.subject.unicodeScalars, $1.subject.unicodeScalars)
      if left.elementsEqual(right) { return ($0.fold ?? -1) < ($1.fold ?? -1) }
      return left.lexicographicallyPrecedes(right)
    }
  }

  /// The labels that occur, by ascending number.
  public var labels: [(label: UInt8, name: String)] {
    var names: [UInt8: String] = [:]
    for subject in subjects {
      for entry in subject.labels where names[entry.label] == nil {
        names[entry.label] = entry.name
      }
    }
    return names.sorted { $0.key < $1.key }.map { (label: $0.key, name: $0.value) }
  }

  /// The values of a metric for one label, in case order.
  public func values(of metric: any OverlapMetric.Type, label: UInt8) -> [MetricValue] {
    counts(of: label).map { metric.value(of: $0) }
  }

  /// Mean, spread, median and undefined counts of a metric for one label.
  public func aggregate(_ metric: any OverlapMetric.Type, label: UInt8) -> Aggregate {
    Aggregate(values(of: metric, label: label), worst: metric.worst)
  }

  /// The mean over labels other than 0 of the means over subjects (nnU-Net's order), or `nil`
  /// when some label has no defined value: such a label must not vanish from the mean unsaid.
  public func foregroundMean(_ metric: any OverlapMetric.Type) -> Double? {
    foregroundMean { aggregate(metric, label: $0).mean }
  }

  /// The rows of one fold.
  public func fold(_ fold: Int) -> MetricsTable {
    MetricsTable(subjects.filter { $0.fold == fold })
  }

  /// One label's counts, in case order.
  func counts(of label: UInt8) -> [ConfusionCounts] {
    subjects.flatMap(\.labels).filter { $0.label == label }.map(\.counts)
  }

  /// The mean of `value` over the foreground labels; `nil` if it is for any of them.
  func foregroundMean(_ value: (UInt8) -> Double?) -> Double? {
    let foreground = labels.filter { $0.label != 0 }
    let values = foreground.compactMap { value($0.label) }
    guard !values.isEmpty, values.count == foreground.count else { return nil }
    return Aggregate.mean(values)
  }
}
