public import Compute
public import CounterRandom

/// Zero mean and variance gain² · 2 / (fan in + fan out) (Glorot, Bengio 2010, equation 16).
///
/// The same as PyTorch's `xavier_uniform_` and `xavier_normal_`.
public struct XavierInitializer: InitializerConfiguration, ParameterInitializer {
  /// The name in a configuration.
  public static let kind = "xavier"

  /// Uniform (the default, as in the paper), or normal of the same variance.
  public var distribution = InitialDistribution.uniform
  /// Multiplies the standard deviation.
  public var gain = 1.0

  /// An initializer.
  public init(distribution: InitialDistribution = .uniform, gain: Double = 1) {
    self.distribution = distribution
    self.gain = gain
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    distribution = try container.value(.distribution, default: distribution)
    gain = try container.value(.gain, default: gain)
  }

  /// Requires a positive gain.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(gain > 0 && gain.isFinite, "gain", "is \(gain); it must be positive")
    return list.problems
  }

  /// This initializer, whatever the activation.
  public func initializer(activationSlope: Double) -> any ParameterInitializer { self }

  /// Draws independent values.
  public func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    let fan = Fan(shape)
    let deviation = gain * (2 / Double(fan.input + fan.output)).squareRoot()
    fillRandomly(&values, distribution, deviation: deviation, using: &stream)
  }
}
