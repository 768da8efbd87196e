public import Compute
public import CounterRandom

/// Zero mean and a given standard deviation, whatever the shape.
public struct GaussianInitializer: InitializerConfiguration, ParameterInitializer {
  /// The name in a configuration.
  public static let kind = "gaussian"

  /// The standard deviation.
  public var standardDeviation = 0.01

  /// An initializer.
  public init(standardDeviation: Double = 0.01) {
    self.standardDeviation = standardDeviation
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    standardDeviation = try container.value(.standardDeviation, default: standardDeviation)
  }

  /// Requires a positive deviation.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      standardDeviation > 0 && standardDeviation.isFinite, "standardDeviation",
      "is \(standardDeviation); it must be positive")
    return list.problems
  }

  /// This initializer, whatever the activation.
  public func initializer(activationSlope: Double) -> any ParameterInitializer { self }

  /// Draws independent values.
  public func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    fillRandomly(&values, .normal, deviation: standardDeviation, using: &stream)
  }
}
