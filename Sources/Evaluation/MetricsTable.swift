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
    structures.filter { !$0.isGroup }.map { (label: $0.labels[0], name: $0.name) }
  }

  /// The labels that occur, by ascending number and each under one name, then the groups in the
  /// order in which they occur.
  public var structures: [MeasuredStructure] {
    var labels: [UInt8: MeasuredStructure] = [:]
    var groups: [MeasuredStructure] = []
    for entry in subjects.flatMap(\.structures) {
      if !entry.structure.isGroup {
        if labels[entry.label] == nil { labels[entry.label] = entry.structure }
      } else if !groups.contains(entry.structure) {
        groups.append(entry.structure)
      }
    }
    return labels.sorted { $0.key < $1.key }.map(\.value) + groups
  }

  /// How surfaces were measured; nil where they were not.
  public var surface: SurfaceSettings? {
    subjects.lazy.flatMap(\.structures).compactMap { $0.surfaces?.settings }.first
  }

  /// The columns of the table: the overlap metrics, and those of surfaces where they were measured.
  public var measures: [Measure] { Measure.all(surface) }

  /// One structure's entries, in case order.
  public func entries(of structure: MeasuredStructure) -> [LabelMetrics] {
    subjects.compactMap { subject in
      subject.structures.first {
        structure.isGroup
          ? $0.structure == structure
          : !$0.structure.isGroup && $0.structure.labels == structure.labels
      }
    }
  }

  /// The values of a metric for one label, in case order.
  public func values(of metric: any OverlapMetric.Type, label: UInt8) -> [MetricValue] {
    entries(of: MeasuredStructure(label: label, name: "")).map { metric.value(of: $0.counts) }
  }

  /// Mean, spread, median and undefined counts of a metric for one label.
  public func aggregate(_ metric: any OverlapMetric.Type, label: UInt8) -> Aggregate {
    aggregate(Measure(metric), MeasuredStructure(label: label, name: ""))
  }

  /// Mean, spread, median and undefined counts of a measure for one structure.
  public func aggregate(_ measure: Measure, _ structure: MeasuredStructure) -> Aggregate {
    Aggregate(entries(of: structure).map { (measure.value(of: $0), measure.worst(of: $0)) })
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

  /// The mean over labels other than 0 of a measure's means over subjects; groups, which repeat
  /// their labels' voxels, do not count. `nil` when some label has no defined value.
  public func foregroundMean(_ measure: Measure) -> Double? {
    foregroundMean { aggregate(measure, MeasuredStructure(label: $0, name: "")).mean }
  }

  /// The mean of `value` over the foreground labels; `nil` if it is for any of them.
  func foregroundMean(_ value: (UInt8) -> Double?) -> Double? {
    let foreground = labels.filter { $0.label != 0 }
    let values = foreground.compactMap { value($0.label) }
    guard !values.isEmpty, values.count == foreground.count else { return nil }
    return Aggregate.mean(values)
  }
}
