public import Compute
public import CounterRandom

/// Zero mean and variance gain² / fan in, gain² = 2 / (1 + slope²) (He, Zhang, Ren, Sun 2015,
/// equations 10 and 15): keeps the variance of activations through rectifiers.
///
/// The same as PyTorch's `kaiming_normal_` and `kaiming_uniform_` with `mode='fan_in'`.
public struct HeInitializer: InitializerConfiguration, ParameterInitializer {
  /// The name in a configuration.
  public static let kind = "he"

  /// Normal (the default), or uniform of the same variance.
  public var distribution = InitialDistribution.normal
  /// The rectifier's slope below zero; absent: that of the activation the network uses.
  public var slope: Double?

  /// An initializer; without `slope` it takes that of the network's activation.
  public init(distribution: InitialDistribution = .normal, slope: Double? = nil) {
    self.distribution = distribution
    self.slope = slope
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    distribution = try container.value(.distribution, default: distribution)
    slope = try container.decodeIfPresent(Double.self, forKey: .slope)
  }

  /// This initializer with the activation's slope where none was given.
  public func initializer(activationSlope: Double) -> any ParameterInitializer {
    HeInitializer(distribution: distribution, slope: slope ?? activationSlope)
  }

  /// Draws independent values.
  public func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    let slope = slope ?? 0
    let deviation = (2 / (1 + slope * slope) / Double(Fan(shape).input)).squareRoot()
    fillRandomly(&values, distribution, deviation: deviation, using: &stream)
  }
}

/// Writes independent draws of mean 0 and the given standard deviation.
func fillRandomly(
  _ values: inout MutableSpan<Float>, _ distribution: InitialDistribution, deviation: Double,
  using stream: inout RandomStream
) {
  switch distribution {
  case .normal:
    let deviation = Float(deviation)
    for index in values.indices { values[index] = deviation * stream.normal() }
  case .uniform:
    // A uniform distribution on ±b has the standard deviation b / √3.
    let bound = Float(deviation * 3.0.squareRoot())
    for index in values.indices { values[index] = stream.uniform(in: -bound..<bound) }
  }
}
