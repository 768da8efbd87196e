/// What is measured of every subject, and the measuring.
public struct StructureMeasurement: Sendable, Equatable {
  /// The labels and groups.
  public var structures: [MeasuredStructure]
  /// How surface distances are measured; nil measures overlap only.
  public var surface: SurfaceSettings?

  /// A measurement of `structures`.
  public init(_ structures: [MeasuredStructure], surface: SurfaceSettings? = nil) {
    self.structures = structures
    self.surface = surface
  }

  /// Compares a prediction with its reference.
  ///
  /// - Parameters:
  ///   - prediction: labels of the prediction, D, H, W order.
  ///   - reference: labels of the reference on the same grid.
  ///   - grid: that grid.
  ///   - threads: how many to use at most; no value depends on it.
  /// - Returns: one entry a structure, in order.
  /// - Throws: ``EvaluationError`` where the volumes do not fill the grid.
  public func callAsFunction(
    prediction: [UInt8], reference: [UInt8], grid: EvaluationGrid, threads: Int = 1
  ) throws(EvaluationError) -> [LabelMetrics] {
    var counts = LabelCounts()
    try counts.add(prediction: prediction.span, reference: reference.span)
    return try self(
      prediction: prediction, reference: reference, counts: counts, grid: grid, threads: threads)
  }

  /// Compares a prediction with its reference, whose labels have been counted.
  ///
  /// Parameters, result and errors as above.
  public func callAsFunction(
    prediction: [UInt8], reference: [UInt8], counts: LabelCounts, grid: EvaluationGrid,
    threads: Int = 1
  ) throws(EvaluationError) -> [LabelMetrics] {
    try grid.check(prediction: prediction.count, reference: reference.count)
    var entries: [LabelMetrics] = []
    for structure in structures {
      let found =
        try structure.labels.count == 1
        ? counts[structure.labels[0]]
        : LabelCounts.region(
          Set(structure.labels), prediction: prediction.span, reference: reference.span)
      var entry = LabelMetrics(structure, counts: found)
      if let surface {
        entry.surfaces = .absent(surface, grid: grid)
        if found.absence == nil,
          let distances = try SurfaceDistances(
            of: structure, prediction: prediction, reference: reference, grid: grid,
            family: surface.family, threads: threads)
        {
          entry.surfaces = SurfaceMeasures(
            settings: surface, values: distances.values(of: SurfaceMetric.all(surface)),
            gridDiagonal: grid.diagonal)
        }
      }
      entries.append(entry)
    }
    return entries
  }
}
