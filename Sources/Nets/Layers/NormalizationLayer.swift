public import Compute

/// Normalizes each channel to mean 0 and variance 1, then scales and shifts by learned numbers.
///
/// - Shape: `[N, C, spatial…]`, unchanged.
/// - Parameters: `weight [C]` (starts at 1) unless ``hasScale`` is false, `bias [C]` (starts at 0);
///   for a batch also the statistics `running_mean [C]` and `running_var [C]`, which replace the
///   batch's own at inference and move by ``momentum`` a step, with the unbiased variance, as in
///   PyTorch; by deviation `running_std [C]`, biased, stands in place of the variance.
///   Applied several times under one path, it moves them toward each application's in turn.
public struct NormalizationLayer: Layer {
  /// Over what mean and variance are taken.
  public enum Kind: String, NamedOption {
    /// Over batch and space (Ioffe, Szegedy 2015).
    case batch
    /// Over batch and space, and divided by standard deviation + epsilon in place of
    /// sqrt(variance + epsilon) (Kayalibay et al. 2017).
    case batchDeviation
    /// Over space, for each sample (Ulyanov, Vedaldi, Lempitsky 2016).
    case instance
  }

  /// Over what mean and variance are taken.
  public var kind: Kind
  /// Added to the variance, or to the deviation.
  public var epsilon: Float
  /// The fraction by which running statistics move toward each step's observation; the weight of
  /// the old value, which Keras calls momentum, is 1 less this.
  public var momentum: Float
  /// Whether a learned scale follows.
  public var hasScale: Bool
  /// What fills the scale at the start.
  public var scaleInitializer: any ParameterInitializer
  /// What fills the shift at the start.
  public var shiftInitializer: any ParameterInitializer

  /// A normalization with PyTorch's defaults.
  public init(
    _ kind: Kind, epsilon: Float = 1e-5, momentum: Float = 0.1, hasScale: Bool = true,
    scaleInitializer: any ParameterInitializer = ConstantInitializer(1),
    shiftInitializer: any ParameterInitializer = ConstantInitializer(0)
  ) {
    self.kind = kind
    self.epsilon = epsilon
    self.momentum = momentum
    self.hasScale = hasScale
    self.scaleInitializer = scaleInitializer
    self.shiftInitializer = shiftInitializer
  }

  /// The learned scale and shift, and the running mean and spread of a batch.
  private typealias Parameters = (scale: Symbol?, shift: Symbol, running: (Symbol, Symbol)?)

  /// Declares the parameters for so many channels, without applying them: a part that only
  /// training needs does so at inference, so that both graphs have the same table.
  public func declare(channels: Int, in g: inout GraphBuilder) throws {
    _ = try parameters(channels, in: &g)
  }

  private func parameters(_ channels: Int, in g: inout GraphBuilder) throws -> Parameters {
    let shape: Shape = [channels]
    let scale =
      hasScale ? try g.parameter("weight", shape, .scale, initializer: scaleInitializer) : nil
    let shift = try g.parameter("bias", shape, .bias, initializer: shiftInitializer)
    if kind == .instance { return (scale, shift, nil) }
    let role = ParameterTable.Role.statistic(momentum: momentum)
    let mean = try g.parameter("running_mean", shape, role, initializer: ConstantInitializer(0))
    let spread = try g.parameter(
      kind == .batch ? "running_var" : "running_std", shape, role,
      initializer: ConstantInitializer(1))
    return (scale, shift, (mean, spread))
  }

  /// Records the normalization.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let (scale, shift, running) = try parameters(x.shape.channels, in: &g)
    guard let (mean, spread) = running else {
      return try g.instanceNormalization(x, scale: scale, shift: shift, epsilon: epsilon)
    }
    if kind == .batch {
      return try g.batchNormalization(
        x, scale: scale, shift: shift, runningMean: mean, runningVariance: spread,
        epsilon: epsilon)
    }
    return try g.batchNormalization(
      x, scale: scale, shift: shift, runningMean: mean, runningDeviation: spread,
      epsilon: epsilon)
  }
}
