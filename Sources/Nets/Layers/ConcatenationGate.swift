public import Compute

/// Which elements of a skip pass, decided by convolutions of the skip and of a gating signal side
/// by side: y = x sigmoid(psi([theta(x), phi(g)])).
///
/// The Imperial College knee segmentation project's reading of attention: theta, phi and psi are
/// each a convolution of kernel 1, normalization and ReLU with as many maps as the skip. The ReLU
/// ahead of the sigmoid is the project's; nothing is weighted below one half.
///
/// - Shape: skip `[N, C, spatial…]` and gating signal `[N, G, spatial…]` to `[N, C, spatial…]`.
/// - Parameters: those of `theta`, `phi` and `psi`, each with `conv` and `norm`.
public struct ConcatenationGate: Sendable {
  /// What its convolutions have in common.
  public var style: ConvStyle

  /// A gate.
  public init(style: ConvStyle) { self.style = style }

  /// Records the gate.
  public func callAsFunction(
    _ skip: Symbol, gating: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    let unit = style.point(skip.shape.channels)
    let both = try g.concatenate([unit(skip, "theta", in: &g), unit(gating, "phi", in: &g)])
    return try g.multiply(skip, g.activate(unit(both, "psi", in: &g), .sigmoid))
  }
}
