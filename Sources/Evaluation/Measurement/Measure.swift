/// One column of a table: an overlap metric or a quantity of surfaces, read off an entry.
public struct Measure: Sendable {
  /// The column's name, which tells family and unit.
  public let name: String
  /// The formula in words.
  public let definition: String
  private let kind: Kind

  private enum Kind: Sendable {
    case overlap(any OverlapMetric.Type)
    case surface(index: Int, isDistance: Bool)
  }

  /// The measure that an overlap metric is.
  public init(_ metric: any OverlapMetric.Type) {
    name = metric.name
    definition = metric.definition
    kind = .overlap(metric)
  }

  private init(_ metric: SurfaceMetric, index: Int, of settings: SurfaceSettings) {
    name = metric.name(settings.family)
    definition = metric.definition(settings.family)
    kind = .surface(index: index, isDistance: metric.isDistance)
  }

  /// All measures: the catalogue of overlap metrics, and where surfaces were measured, theirs.
  public static func all(_ surface: SurfaceSettings?) -> [Measure] {
    OverlapMetrics.catalogue.map { Measure($0) }
      + surfaces(surface)
  }

  /// The measures of surfaces.
  public static func surfaces(_ settings: SurfaceSettings?) -> [Measure] {
    guard let settings else { return [] }
    return SurfaceMetric.all(settings).enumerated().map {
      Measure($1, index: $0, of: settings)
    }
  }

  /// The value of an entry; undefined as ``OverlapMetric`` and ``SurfaceMetric`` state.
  public func value(of entry: LabelMetrics) -> MetricValue {
    switch kind {
    case .overlap(let metric): return metric.value(of: entry.counts)
    case .surface(let index, _):
      guard let surfaces = entry.surfaces else { return .undefined(.notMeasured) }
      return surfaces.value(index, absence: entry.counts.absence)
    }
  }

  /// What an entry counts with in ``Aggregate/worstCaseMean`` where its value is undefined through
  /// the segmentation's fault.
  public func worst(of entry: LabelMetrics) -> Double {
    switch kind {
    case .overlap(let metric): metric.worst
    case .surface(_, let isDistance): isDistance ? entry.surfaces?.gridDiagonal ?? 0 : 0
    }
  }

  /// ``worst(of:)`` in words.
  public var worstText: String {
    switch kind {
    case .overlap(let metric): "\(metric.worst)"
    case .surface(_, let isDistance): isDistance ? "the diagonal of the subject's grid" : "0.0"
    }
  }

  /// When there is no value, in words.
  public var undefinedText: String {
    switch kind {
    case .overlap: "where the formula is 0/0"
    case .surface(_, true): "where one of the volumes lacks the structure"
    case .surface: "where both volumes lack the structure; 0 where one does"
    }
  }
}
