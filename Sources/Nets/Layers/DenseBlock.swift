public import Compute

/// Normalization, ReLU, convolution, dropout, in this order (Jégou et al. 2017, table 1).
///
/// - Shape: `[N, C, spatial…]` to `[N, outputChannels, spatial…]`.
/// - Parameters: those of `norm` and `conv`.
public struct PreActivatedUnit: Layer {
  /// What comes first.
  public var normalization: NormalizationLayer
  /// What follows the ReLU.
  public var convolution: ConvolutionLayer
  /// What is dropped of the result.
  public var dropout: DropoutLayer?

  /// A unit.
  public init(
    normalization: NormalizationLayer, convolution: ConvolutionLayer, dropout: DropoutLayer?
  ) {
    self.normalization = normalization
    self.convolution = convolution
    self.dropout = dropout
  }

  /// Records the unit.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let activated = try g.activate(normalization(x, "norm", in: &g), .relu)
    let y = try convolution(activated, "conv", in: &g)
    return try dropout.map { try $0(y, "dropout", in: &g) } ?? y
  }
}

/// Layers of which each reads everything before it: the block's input and the maps of all earlier
/// layers (Huang et al. 2017).
///
/// - Shape: `[N, C, spatial…]`; the new maps are `[N, Σ maps of the layers, spatial…]`.
/// - Parameters: `layers.i.norm`, `layers.i.conv`.
public struct DenseBlock: Sendable {
  /// The layers in order.
  public var layers: [PreActivatedUnit]

  /// A block of `count` equal layers.
  public init(_ layer: PreActivatedUnit, count: Int) {
    layers = Array(repeating: layer, count: count)
  }

  /// Records the block and returns the new maps alone, in the order of the layers.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> [Symbol] {
    try g.scope("layers") { g in
      var new: [Symbol] = []
      for (index, layer) in layers.enumerated() {
        let all = new.isEmpty ? x : try g.concatenate([x] + new)
        new.append(try layer(all, "\(index)", in: &g))
      }
      return new
    }
  }
}
