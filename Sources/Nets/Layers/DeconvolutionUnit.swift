public import Compute

/// A transposed convolution of kernel 2 and stride 2 followed by normalization and activation,
/// where there are any.
///
/// - Shape: `[N, C, spatial…]` to `[N, features, 2 · spatial…]`.
/// - Parameters: those of `conv`, `norm` and `act`.
public struct DeconvolutionUnit: Layer {
  /// The transposed convolution.
  public var convolution: TransposedConvolutionLayer
  /// The normalization of its result.
  public var normalization: NormalizationLayer?
  /// The nonlinearity after that.
  public var activation: ActivationLayer?

  /// A unit that makes `features` maps over `dimensions` axes.
  public init(
    _ features: Int, dimensions: Int, normalization: NormalizationLayer? = nil,
    activation: ActivationLayer? = nil, initializer: any ParameterInitializer = HeInitializer()
  ) {
    let two = Array(repeating: 2, count: dimensions)
    convolution = TransposedConvolutionLayer(
      outputChannels: features, kernel: two, stride: two, initializer: initializer)
    self.normalization = normalization
    self.activation = activation
  }

  /// Declares the parameters for an input of so many channels, without applying them.
  ///
  /// - Returns: the number of maps that the unit makes.
  public func declare(
    inputChannels: Int, _ name: String, in g: inout GraphBuilder
  ) throws -> Int {
    let maps = convolution.outputChannels
    try g.scope(name) { g in
      _ = try g.scope("conv") { g in
        try convolution.declare(inputChannels: inputChannels, in: &g)
      }
      try g.scope("norm") { g in try normalization?.declare(channels: maps, in: &g) }
    }
    return maps
  }

  /// Records the unit.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = try convolution(x, "conv", in: &g)
    if let normalization { y = try normalization(y, "norm", in: &g) }
    if let activation { y = try activation(y, "act", in: &g) }
    return y
  }
}
