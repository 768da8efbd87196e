public import Compute

/// Normalizes each channel to mean 0 and variance 1, then scales and shifts by learned numbers.
///
/// - Shape: `[N, C, spatial…]`, unchanged.
/// - Parameters: `weight [C]` (starts at 1), `bias [C]` (starts at 0); for a batch also the
///   statistics `running_mean [C]` and `running_var [C]`, which replace the batch's own at inference
///   and move by ``momentum`` a step, with the unbiased variance, as in PyTorch.
public struct NormalizationLayer: Layer {
  /// Over what mean and variance are taken.
  public enum Kind: String, NamedOption {
    /// Over batch and space (Ioffe, Szegedy 2015).
    case batch
    /// Over space, for each sample (Ulyanov, Vedaldi, Lempitsky 2016).
    case instance
  }

  /// Over what mean and variance are taken.
  public var kind: Kind
  /// Added to the variance.
  public var epsilon: Float
  /// The fraction by which running statistics move toward each step's observation.
  public var momentum: Float

  /// A normalization with PyTorch's defaults.
  public init(_ kind: Kind, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.kind = kind
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// Records the normalization.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let shape: Shape = [x.shape.channels]
    let scale = try g.parameter("weight", shape, .scale, initializer: ConstantInitializer(1))
    let shift = try g.parameter("bias", shape, .bias, initializer: ConstantInitializer(0))
    switch kind {
    case .instance:
      return try g.instanceNormalization(x, scale: scale, shift: shift, epsilon: epsilon)
    case .batch:
      let role = ParameterTable.Role.statistic(momentum: momentum)
      let mean = try g.parameter("running_mean", shape, role, initializer: ConstantInitializer(0))
      let variance = try g.parameter(
        "running_var", shape, role, initializer: ConstantInitializer(1))
      return try g.batchNormalization(
        x, scale: scale, shift: shift, runningMean: mean, runningVariance: variance,
        epsilon: epsilon)
    }
  }
}
