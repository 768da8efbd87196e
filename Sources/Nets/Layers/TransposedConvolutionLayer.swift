public import Compute

/// A transposed convolution that multiplies extents by its stride.
///
/// - Shape: `[N, C, spatial…]` to `[N, outputChannels, spatial · stride…]`. A kernel larger than
///   the stride is cropped by ceil((kernel - stride) / 2) before and floor((kernel - stride) / 2)
///   after: PyTorch's `padding=ceil((k - s) / 2)` with the `output_padding` that doubles extents.
/// - Parameters: `weight [C, outputChannels, kernel…]`, `bias [outputChannels]`.
public struct TransposedConvolutionLayer: Layer {
  /// The number of maps it makes.
  public var outputChannels: Int
  /// The kernel's extent on each spatial axis, at least the stride.
  public var kernel: [Int]
  /// What extents are multiplied by, on each axis.
  public var stride: [Int]
  /// Whether a learned bias is added.
  public var hasBias: Bool
  /// What fills the weight at the start.
  public var initializer: any ParameterInitializer
  /// What fills the bias at the start.
  public var biasConstant: Float

  /// A transposed convolution.
  public init(
    outputChannels: Int, kernel: [Int], stride: [Int], hasBias: Bool = true,
    initializer: any ParameterInitializer = HeInitializer(), biasConstant: Float = 0
  ) {
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.hasBias = hasBias
    self.initializer = initializer
    self.biasConstant = biasConstant
  }

  /// Declares weight and bias for an input of so many channels, without applying them.
  ///
  /// A part that only training needs declares its parameters at inference too, so that both
  /// graphs have the same table.
  @discardableResult public func declare(
    inputChannels: Int, in g: inout GraphBuilder
  ) throws -> (weight: Symbol, bias: Symbol?) {
    let weight = try g.parameter(
      "weight", Shape([inputChannels, outputChannels] + kernel), .weight, initializer: initializer)
    guard hasBias else { return (weight, nil) }
    let bias = try g.parameter(
      "bias", [outputChannels], .bias, initializer: ConstantInitializer(biasConstant))
    return (weight, bias)
  }

  /// Records the transposed convolution.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let excess = zip(kernel, stride).map { $0 - $1 }
    guard excess.allSatisfy({ $0 >= 0 }) else {
      throw GraphError(
        path: g.currentPath,
        message: "has a kernel of \(kernel), which must not be smaller than its stride \(stride)")
    }
    let (weight, bias) = try declare(inputChannels: x.shape.channels, in: &g)
    let window = Window(
      kernel: kernel, stride: stride, paddingBefore: excess.map { ($0 + 1) / 2 },
      paddingAfter: excess.map { $0 / 2 })
    return try g.transposedConvolution(x, weight: weight, bias: bias, window: window)
  }
}
