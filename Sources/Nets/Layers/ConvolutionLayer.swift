public import Compute

/// A convolution over two or three spatial axes, with learned weight and bias.
///
/// - Shape: `[N, C, spatial…]` to `[N, outputChannels, spatial…]`; each extent becomes
///   floor((in + padding - ((kernel - 1) dilation + 1)) / stride) + 1, with no padding where
///   ``padding`` is valid, and (kernel - 1) dilation, shared between both ends, where it is same.
/// - Parameters: `weight [outputChannels, C / groups, kernel…]`, `bias [outputChannels]`.
public struct ConvolutionLayer: Layer {
  /// What surrounds the input.
  public enum Padding: String, NamedOption {
    /// Zeros, so that stride 1 keeps extents (PyTorch's `padding=(k - 1) // 2`).
    case same
    /// Nothing: extents shrink.
    case valid
  }

  /// The number of maps it makes.
  public var outputChannels: Int
  /// The kernel's extent on each spatial axis.
  public var kernel: [Int]
  /// The step between windows on each axis.
  public var stride: [Int]
  /// The distance between taps on each axis.
  public var dilation: [Int]
  /// What surrounds the input.
  public var padding: Padding
  /// The number of blocks of channels that do not see each other.
  public var groups: Int
  /// Whether a learned bias is added.
  public var hasBias: Bool
  /// What fills the weight at the start.
  public var initializer: any ParameterInitializer
  /// What fills the bias at the start.
  public var biasConstant: Float

  /// A convolution; stride, dilation and groups default to 1.
  public init(
    outputChannels: Int, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    padding: Padding = .same, groups: Int = 1, hasBias: Bool = true,
    initializer: any ParameterInitializer = HeInitializer(), biasConstant: Float = 0
  ) {
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.padding = padding
    self.groups = groups
    self.hasBias = hasBias
    self.initializer = initializer
    self.biasConstant = biasConstant
  }

  /// The sliding window.
  public var window: Window {
    var window =
      padding == .same
      ? Window.same(kernel: kernel, dilation: dilation)
      : Window(kernel: kernel, dilation: dilation)
    window.stride = stride
    return window
  }

  /// Declares weight and bias for an input of so many channels, without applying them.
  ///
  /// A part that only training needs declares its parameters at inference too, so that both
  /// graphs have the same table.
  @discardableResult public func declare(
    inputChannels: Int, in g: inout GraphBuilder
  ) throws -> (weight: Symbol, bias: Symbol?) {
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw GraphError(
        path: g.currentPath,
        message: "has \(groups) groups, which must divide its \(inputChannels) input and "
          + "\(outputChannels) output channels")
    }
    let shape = Shape([outputChannels, inputChannels / groups] + kernel)
    let weight = try g.parameter("weight", shape, .weight, initializer: initializer)
    guard hasBias else { return (weight, nil) }
    let bias = try g.parameter(
      "bias", [outputChannels], .bias, initializer: ConstantInitializer(biasConstant))
    return (weight, bias)
  }

  /// Records the convolution.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let (weight, bias) = try declare(inputChannels: x.shape.channels, in: &g)
    return try g.convolution(x, weight: weight, bias: bias, window: window, groups: groups)
  }
}
