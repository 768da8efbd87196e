public import Compute

/// An element-wise nonlinearity.
///
/// - Shape: any, unchanged.
/// - Parameters: `weight [C]` for PReLU, one slope a channel, starting at 0.25 unless told
///   otherwise; none for the others.
public struct ActivationLayer: Layer {
  /// The function.
  public enum Kind: String, NamedOption {
    /// max(x, 0).
    case relu
    /// x where positive, else ``ActivationLayer/slope`` x.
    case leakyReLU
    /// x where positive, else a learned slope times x (He et al. 2015).
    case prelu
    /// x where positive, else exp(x) - 1 (Clevert et al. 2016).
    case elu
    /// 1.0507 times ELU with 1.6733 (Klambauer et al. 2017).
    case selu
    /// 1 / (1 + exp(-x)).
    case sigmoid
    case tanh
  }

  /// The function.
  public var kind: Kind
  /// The slope of the leaky rectifier below zero.
  public var slope: Float

  /// What fills the learned slopes at the start.
  public var slopeInitializer: any ParameterInitializer = ConstantInitializer(0.25)

  /// A nonlinearity.
  public init(_ kind: Kind, slope: Float = 0.01) {
    self.kind = kind
    self.slope = slope
  }

  /// The slope below zero that He's initialization reckons with; 1 where there is no such slope.
  public var initialSlope: Double {
    switch kind {
    case .relu, .elu: 0
    case .leakyReLU: Double(slope)
    case .prelu: 0.25
    case .selu, .sigmoid, .tanh: 1
    }
  }

  /// Records the nonlinearity.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    switch kind {
    case .relu: return try g.activate(x, .relu)
    case .leakyReLU: return try g.activate(x, .leakyReLU(slope: slope))
    case .elu: return try g.activate(x, .elu(alpha: 1))
    case .selu: return try g.selu(x)
    case .sigmoid: return try g.activate(x, .sigmoid)
    case .tanh: return try g.activate(x, .tanh)
    case .prelu:
      let slopes = try g.parameter(
        "weight", [x.shape.channels], .scale, initializer: slopeInitializer)
      return try g.prelu(x, slope: slopes)
    }
  }
}
