public import Compute

/// A depthwise convolution and a pointwise one, each normalized (Chollet 2017, with the
/// normalization between that DeepLab adds).
///
/// - Shape: `[N, C, spatial…]` to `[N, outputChannels, ceil(spatial / stride)…]`.
/// - Parameters: `depthwise.weight [C, 1, kernel…]`, `depthwiseNorm`, `pointwise.weight`,
///   `pointwiseNorm`; no biases.
public struct SeparableUnit: Layer {
  /// Where the rectifier stands.
  public enum Rectification: Sendable {
    /// Once, before the unit.
    case before
    /// After each normalization.
    case after
  }

  /// The number of maps it makes.
  public var outputChannels: Int
  /// The depthwise kernel's extent on each spatial axis.
  public var kernel: [Int]
  /// The step between windows on each axis.
  public var stride: [Int]
  /// The distance between taps on each axis.
  public var dilation: [Int]
  /// Where the rectifier stands.
  public var rectification: Rectification
  /// What follows each convolution.
  public var normalization: NormalizationLayer
  /// What fills weights at the start.
  public var initializer: any ParameterInitializer

  /// A unit; stride and dilation default to 1.
  public init(
    outputChannels: Int, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    rectification: Rectification, normalization: NormalizationLayer,
    initializer: any ParameterInitializer = HeInitializer()
  ) {
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.rectification = rectification
    self.normalization = normalization
    self.initializer = initializer
  }

  /// Records the unit.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let channels = x.shape.channels
    let depthwise = ConvolutionLayer(
      outputChannels: channels, kernel: kernel, stride: stride, dilation: dilation,
      groups: channels, hasBias: false, initializer: initializer)
    let pointwise = ConvolutionLayer(
      outputChannels: outputChannels, kernel: kernel.map { _ in 1 }, hasBias: false,
      initializer: initializer)
    var y = rectification == .before ? try g.activate(x, .relu) : x
    y = try normalization(depthwise(y, "depthwise", in: &g), "depthwiseNorm", in: &g)
    if rectification == .after { y = try g.activate(y, .relu) }
    y = try normalization(pointwise(y, "pointwise", in: &g), "pointwiseNorm", in: &g)
    return rectification == .after ? try g.activate(y, .relu) : y
  }
}
