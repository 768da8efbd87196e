public import Evaluation

/// How a metric grows with the number of training subjects: the mean at each number and a power law
/// through the means (Desai et al., 2019).
public struct DataLimitation: Sendable {
  /// What was measured at one number of training subjects.
  public struct Point: Sendable, Equatable {
    /// The number of training subjects.
    public let subjects: Double
    /// The systems trained on as many (seeds, for example).
    public let systems: [String]
    /// Mean and standard deviation over all their subjects together.
    public let aggregate: Aggregate
  }

  /// One structure.
  public struct Label: Sendable {
    /// The structure.
    public let label: String
    /// The points by ascending number of training subjects.
    public let points: [Point]
    /// The law through the points with a mean; `nil` where there is none.
    public let law: PowerLaw?
    /// Why there is no ``law``.
    public let gap: String?
  }

  /// The column of the tables.
  public let metric: String
  /// One fit a structure.
  public let labels: [Label]

  /// Fits power laws.
  ///
  /// - Parameters:
  ///   - systems: the systems, which know how many subjects they were trained on.
  ///   - metric: what was read from the tables.
  ///   - label: the structure, by name or number; nil takes all that every system has.
  ///   - fit: whose squared residuals are made least.
  /// - Throws: ``ComparisonError`` for a system that does not know its training subjects, and a
  ///   structure that one of them lacks.
  public init(
    _ systems: [MeasuredSystem], metric: String, label: String? = nil,
    fit: PowerLaw.Fit = .values
  ) throws(ComparisonError) {
    let unknown = systems.filter { $0.trainingSubjects == nil }
    guard unknown.isEmpty else {
      throw ComparisonError(
        unknown.map {
          "\($0.path) does not tell on how many subjects it was trained: name the run's folder, "
            + "which has splits_final.json, or give the number as \($0.path)=N."
        })
    }
    guard systems.count >= 2 else {
      throw ComparisonError(["One system alone has no power law: name at least two."])
    }
    self.metric = metric
    labels = try SystemComparison.commonLabels(of: systems, label).map { name in
      let sizes = Dictionary(grouping: systems) { $0.trainingSubjects ?? 0 }
      let points = sizes.sorted { $0.key < $1.key }.map { size, systems in
        let values = systems.flatMap { $0.label(name)?.ordered ?? [] }
        return Point(
          subjects: size, systems: systems.map(\.name),
          aggregate: Aggregate(values.map { .value($0) }, worst: 0))
      }
      let title = systems[0].label(name)?.name ?? name
      let known = points.filter { $0.aggregate.mean != nil }
      do {
        let law = try PowerLaw(
          x: known.map(\.subjects), y: known.compactMap(\.aggregate.mean), fit: fit)
        return Label(label: title, points: points, law: law, gap: nil)
      } catch {
        return Label(label: title, points: points, law: nil, gap: Self.reason(error))
      }
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case StatisticsError.constant, StatisticsError.tooFew:
      "All were trained on the same number of subjects: a power law needs at least two numbers."
    default: "\(error)"
    }
  }
}
