public import Compute

/// Which voxels of a skip pass, decided on the coarser grid of its gating signal (Oktay et al.
/// 2018, figure 2): y = combine(output(x up(sigmoid(psi(relu(theta(x) + phi(g))))))).
///
/// theta is a convolution of kernel and stride 2 without bias, phi and psi have kernel 1 and a
/// bias; up is linear interpolation. `output` (kernel 1, normalized) and `combine` (kernel 1,
/// normalized, activated) follow the product, as in the authors' code.
///
/// - Shape: skip `[N, C, spatial…]` and gating signal `[N, G, spatial / 2…]` to
///   `[N, C, spatial…]`.
/// - Parameters: `theta.conv`, `phi.conv`, `psi.conv`, and `conv` and `norm` of `output` and
///   `combine`.
public struct GridGate: Sendable {
  /// What its convolutions have in common.
  public var style: ConvStyle

  /// A gate.
  public init(style: ConvStyle) { self.style = style }

  /// Records the gate.
  public func callAsFunction(
    _ skip: Symbol, gating: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    let channels = skip.shape.channels
    let halving = style.kernel.map { _ in 2 }
    let theta = try plain(channels, kernel: halving, stride: halving, hasBias: false)(
      skip, "theta", in: &g)
    let phi = try plain(channels)(gating, "phi", in: &g)
    let psi = try plain(1)(g.activate(g.add(theta, phi), .relu), "psi", in: &g)
    let alpha = try g.resample(g.activate(psi, .sigmoid), to: skip.shape.spatial, .linear)
    let gated = try style.linearPoint(channels)(g.multiply(skip, alpha), "output", in: &g)
    return try style.point(channels)(gated, "combine", in: &g)
  }

  /// A convolution that nothing follows.
  private func plain(
    _ features: Int, kernel: [Int]? = nil, stride: [Int]? = nil, hasBias: Bool = true
  ) -> ConvUnit {
    ConvUnit(
      convolution: ConvolutionLayer(
        outputChannels: features, kernel: kernel ?? style.kernel.map { _ in 1 }, stride: stride,
        padding: .valid, hasBias: hasBias, initializer: style.initializer,
        biasConstant: style.biasConstant))
  }
}
