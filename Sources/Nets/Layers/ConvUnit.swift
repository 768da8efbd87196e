public import Compute

/// A convolution followed by normalization and activation, where there are any.
///
/// - Shape: the convolution's.
/// - Parameters: those of `conv`, `norm` and `act`, each name followed by ``suffix``.
public struct ConvUnit: Layer {
  /// What follows `conv`, `norm` and `act` in parameter names, for example `1`.
  public var suffix: String
  /// The convolution.
  public var convolution: ConvolutionLayer
  /// The normalization of its result.
  public var normalization: NormalizationLayer?
  /// The nonlinearity after that.
  public var activation: ActivationLayer?

  /// A unit.
  public init(
    suffix: String = "", convolution: ConvolutionLayer,
    normalization: NormalizationLayer? = nil, activation: ActivationLayer? = nil
  ) {
    self.suffix = suffix
    self.convolution = convolution
    self.normalization = normalization
    self.activation = activation
  }

  /// Records the unit.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = try convolution(x, "conv" + suffix, in: &g)
    if let normalization { y = try normalization(y, "norm" + suffix, in: &g) }
    if let activation { y = try activation(y, "act" + suffix, in: &g) }
    return y
  }
}
