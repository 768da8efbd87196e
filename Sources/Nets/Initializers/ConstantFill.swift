public import Compute

/// One value everywhere: Deniz et al. 2018 start all biases at 0.1.
public struct ConstantFill: InitializerConfiguration {
  /// The name in a configuration.
  public static let kind = "constant"

  /// The value.
  public var value = 0.0

  /// An initializer.
  public init(value: Double = 0) { self.value = value }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    value = try container.value(.value, default: value)
  }

  /// Requires a number.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(value.isFinite, "value", "is \(value); it must be a number")
    return list.problems
  }

  /// The same, whatever the activation.
  public func initializer(activationSlope: Double) -> any ParameterInitializer {
    ConstantInitializer(Float(value))
  }
}
