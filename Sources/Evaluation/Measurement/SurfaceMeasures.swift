/// What was measured of the surfaces of one structure of one subject.
public struct SurfaceMeasures: Sendable, Equatable {
  /// How.
  public let settings: SurfaceSettings
  /// The values of ``SurfaceMetric/all(_:)`` in order; empty where a volume lacks the structure.
  public let values: [Double]
  /// The diagonal of the subject's grid (mm): the worst case of a distance.
  public let gridDiagonal: Double

  /// Measures that were made or read; no values where a volume lacks the structure.
  public init(settings: SurfaceSettings, values: [Double], gridDiagonal: Double) {
    precondition(
      values.isEmpty || values.count == SurfaceMetric.all(settings).count,
      "as many values as quantities")
    self.settings = settings
    self.values = values
    self.gridDiagonal = gridDiagonal
  }

  /// The measures of a structure that a volume lacks.
  public static func absent(
    _ settings: SurfaceSettings, grid: EvaluationGrid
  ) -> SurfaceMeasures {
    SurfaceMeasures(settings: settings, values: [], gridDiagonal: grid.diagonal)
  }

  /// The quantity at `index` of ``SurfaceMetric/all(_:)``, by the rule that ``SurfaceMetric`` states
  /// for a structure whose absence, if any, is `absence`.
  func value(_ index: Int, absence: UndefinedReason?) -> MetricValue {
    guard let absence else { return .value(values[index]) }
    let isDistance = SurfaceMetric.all(settings)[index].isDistance
    return isDistance || absence == .bothEmpty ? .undefined(absence) : .value(0)
  }
}
