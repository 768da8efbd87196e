public import Compute

/// Convolutions on a skip that make up for what the decoder's maps have seen and the encoder's have
/// not (Ibtehaz, Rahman 2020, figure 4). Each step is norm2(relu(relu(norm1(conv(x))) + shortcut(x)))
/// with a convolution of kernel 3 and a shortcut of kernel 1.
///
/// - Shape: `[N, C, spatial…]` to `[N, features, spatial…]`.
/// - Parameters: `i.conv`, `i.norm1`, `i.shortcut.conv`, `i.shortcut.norm`, `i.norm2` for each
///   step i.
public struct ResidualPath: Layer {
  /// The number of maps of every step.
  public var features: Int
  /// The number of steps.
  public var steps: Int
  /// What its convolutions have in common.
  public var style: ConvStyle
  /// The normalization at the end of a step.
  public var normalization: NormalizationLayer

  /// A path; `style` has the convolutions' normalization, without scale.
  public init(
    features: Int, steps: Int, style: ConvStyle, normalization: NormalizationLayer
  ) {
    self.features = features
    self.steps = steps
    self.style = style
    self.normalization = normalization
  }

  /// Records the steps.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var x = x
    for index in 0..<steps {
      x = try g.scope("\(index)") { g in try step(x, in: &g) }
    }
    return x
  }

  private func step(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let unit = style.unit(features)
    var y = try unit.convolution(x, "conv", in: &g)
    if let norm = unit.normalization { y = try norm(y, "norm1", in: &g) }
    y = try g.activate(y, .relu)
    let shortcut = try style.linearPoint(features)(x, "shortcut", in: &g)
    return try normalization(g.activate(g.add(y, shortcut), .relu), "norm2", in: &g)
  }
}
