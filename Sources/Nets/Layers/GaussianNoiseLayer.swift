public import Compute

/// Adds normal noise of mean 0 to each element while training.
///
/// - Shape: any, unchanged. The identity at inference.
public struct GaussianNoiseLayer: Layer {
  /// The standard deviation, not negative.
  public var deviation: Float

  /// A noise.
  public init(deviation: Float) { self.deviation = deviation }

  /// Records the noise.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.gaussianNoise(x, deviation: deviation)
  }
}
