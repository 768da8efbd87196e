public import Compute

/// What the convolutions of one network have in common; makes its units and blocks.
public struct ConvStyle: Sendable {
  /// The kernel's extent on each spatial axis.
  public var kernel: [Int]
  /// What surrounds the input of convolutions.
  public var padding: ConvolutionLayer.Padding
  /// What follows each convolution.
  public var normalization: NormalizationLayer?
  /// What follows that.
  public var activation: ActivationLayer
  /// Whether convolutions add a bias.
  public var hasBias: Bool
  /// What fills weights at the start.
  public var initializer: any ParameterInitializer
  /// What fills biases at the start.
  public var biasConstant: Float

  /// A style.
  public init(
    kernel: [Int], padding: ConvolutionLayer.Padding, normalization: NormalizationLayer?,
    activation: ActivationLayer, hasBias: Bool, initializer: any ParameterInitializer,
    biasConstant: Float
  ) {
    self.kernel = kernel
    self.padding = padding
    self.normalization = normalization
    self.activation = activation
    self.hasBias = hasBias
    self.initializer = initializer
    self.biasConstant = biasConstant
  }

  /// A convolution, normalization and activation that make `features` maps.
  public func unit(
    _ features: Int, kernel: [Int]? = nil, stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: ConvolutionLayer.Padding? = nil
  ) -> ConvUnit {
    ConvUnit(
      convolution: ConvolutionLayer(
        outputChannels: features, kernel: kernel ?? self.kernel, stride: stride,
        dilation: dilation, padding: padding ?? self.padding, hasBias: hasBias,
        initializer: initializer, biasConstant: biasConstant),
      normalization: normalization, activation: activation)
  }

  /// `count` units of `features` maps, then dropout.
  public func block(
    _ features: Int, count: Int, dilation: Int = 1, dropout: DropoutLayer? = nil
  ) -> ConvBlock {
    let unit = unit(features, dilation: kernel.map { _ in dilation })
    return ConvBlock(Array(repeating: unit, count: count), dropout: dropout)
  }

  /// A convolution of kernel 1 that makes one map a class, with bias and without activation.
  public func head(classes: Int) -> ConvolutionLayer {
    ConvolutionLayer(
      outputChannels: classes, kernel: kernel.map { _ in 1 }, initializer: initializer,
      biasConstant: biasConstant)
  }
}
