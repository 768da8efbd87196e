public import Compute

/// Which voxels of a skip pass, decided by the skip and a gating signal at the same resolution:
/// y = x sigmoid(psi(relu(theta(x) + phi(g)))) (Oktay et al. 2018, equations 1 and 2).
///
/// Each of theta, phi and psi is a convolution of kernel 1 followed by normalization, theta and phi
/// to half the skip's maps, psi to one: every map of a voxel passes alike.
///
/// - Shape: skip `[N, C, spatial…]` and gating signal `[N, G, spatial…]` to `[N, C, spatial…]`.
/// - Parameters: those of `theta`, `phi` and `psi`, each with `conv` and `norm`.
public struct AdditiveGate: Sendable {
  /// What its convolutions have in common.
  public var style: ConvStyle

  /// A gate.
  public init(style: ConvStyle) { self.style = style }

  /// Records the gate.
  public func callAsFunction(
    _ skip: Symbol, gating: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    let inner = max(1, skip.shape.channels / 2)
    let theta = try style.linearPoint(inner)(skip, "theta", in: &g)
    let phi = try style.linearPoint(inner)(gating, "phi", in: &g)
    let sum = try g.activate(g.add(theta, phi), .relu)
    let psi = try style.linearPoint(1)(sum, "psi", in: &g)
    return try g.multiply(skip, g.activate(psi, .sigmoid))
  }
}

extension ConvStyle {
  /// A unit of kernel 1.
  func point(_ features: Int) -> ConvUnit { unit(features, kernel: kernel.map { _ in 1 }) }

  /// A unit of kernel 1 without activation.
  func linearPoint(_ features: Int) -> ConvUnit {
    var unit = point(features)
    unit.activation = nil
    return unit
  }
}
