public import Compute

/// Fields of view of 3, 5 and 7 side by side, as a chain of three convolutions of kernel 3 whose
/// results are concatenated, and a shortcut of kernel 1 (Ibtehaz, Rahman 2020, figure 3):
/// y = norm2(relu(norm1([c1, c2, c3]) + shortcut(x))).
///
/// The maps of the chain are a sixth, a third and half of W = 1.67 U, rounded down, where U is the
/// U-Net's width at the level; the authors' code has 0.167, 0.333 and 0.5. Convolutions have no
/// bias; the normalizations that follow them at once shift without scaling.
///
/// - Shape: `[N, C, spatial…]` to `[N, outputChannels, spatial…]`.
/// - Parameters: `chain.0`, `chain.1`, `chain.2` and `shortcut` with `conv` and `norm`; `norm1`,
///   `norm2`.
public struct MultiResBlock: Layer {
  /// The width U.
  public var features: Int
  /// What its convolutions have in common.
  public var style: ConvStyle
  /// The normalizations that scale.
  public var normalization: NormalizationLayer

  /// A block; `style` has the units' normalization, without scale.
  public init(features: Int, style: ConvStyle, normalization: NormalizationLayer) {
    self.features = features
    self.style = style
    self.normalization = normalization
  }

  /// The maps of the chain.
  public var chain: [Int] {
    let width = 1.67 * Double(features)
    return [0.167, 0.333, 0.5].map { Int((width * $0).rounded(.down)) }
  }

  /// The number of maps it makes.
  public var outputChannels: Int { chain.reduce(0, +) }

  /// Records the block.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let parts = try g.scope("chain") { g in
      var (y, parts) = (x, [Symbol]())
      for (index, maps) in chain.enumerated() {
        y = try style.unit(maps)(y, "\(index)", in: &g)
        parts.append(y)
      }
      return parts
    }
    let shortcut = try style.linearPoint(outputChannels)(x, "shortcut", in: &g)
    let joined = try normalization(g.concatenate(parts), "norm1", in: &g)
    let sum = try g.activate(g.add(joined, shortcut), .relu)
    return try normalization(sum, "norm2", in: &g)
  }
}
