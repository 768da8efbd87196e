public import Compute

/// Tells maps where in its volume a patch lies: one number a sample, made of the position and, in
/// the smaller networks, of the coarsest maps, is added to every element or multiplies it
/// (Imperial College knee segmentation project, "relative").
///
/// With ``Source/both`` the coarsest maps pass three convolutions of kernel 3 and stride 2 without
/// padding (3, 3 and 1 maps, ReLU), are flattened, and pass dense layers of 16 and 4 with ReLU;
/// what is left is joined by the position. With ``Source/position`` the position alone passes the
/// dense layers. A last dense layer with tanh makes the number.
///
/// - Shape: maps `[N, C, spatial…]`, unchanged; the position `[N, axes]`.
/// - Parameters: `conv1` … `conv3` with ``Source/both``; `dense1`, `dense2`, `dense3`. The first
///   dense layer's weight depends on the extents of the coarsest maps, so training and prediction
///   need patches of one size.
public struct PositionShift: Sendable {
  /// What the number is made of.
  public enum Source: Sendable {
    case position
    case both
  }

  /// What the number is made of.
  public var reads: Source
  /// Whether the number multiplies maps, or is added to them.
  public var multiplies: Bool
  /// What fills weights at the start.
  public var initializer: any ParameterInitializer

  /// A shift.
  public init(reads: Source, multiplies: Bool, initializer: any ParameterInitializer) {
    self.reads = reads
    self.multiplies = multiplies
    self.initializer = initializer
  }

  /// Records the shift of `x`.
  ///
  /// - Throws: `GraphError` where the coarsest maps are too small for three convolutions.
  public func callAsFunction(
    _ x: Symbol, position: Symbol, bottom: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    func dense(_ outputs: Int, _ x: Symbol, _ name: String) throws -> Symbol {
      try DenseLayer(outputs: outputs, initializer: initializer)(x, name, in: &g)
    }
    var y = position
    if reads == .both { y = try g.flatten(compressed(bottom, in: &g)) }
    y = try g.activate(dense(16, y, "dense1"), .relu)
    y = try g.activate(dense(4, y, "dense2"), .relu)
    if reads == .both { y = try joined(y, position, in: &g) }
    y = try g.activate(dense(1, y, "dense3"), .tanh)
    let number = try g.reshape(
      y, Shape([x.shape.batch] + x.shape.extents.dropFirst().map { _ in 1 }))
    return multiplies ? try g.multiply(x, number) : try g.add(x, number)
  }

  /// The coarsest maps through three strided convolutions.
  private func compressed(_ bottom: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = bottom
    let spatial = bottom.shape.spatial
    for (index, maps) in [3, 3, 1].enumerated() {
      var unit = ConvUnit(
        suffix: "\(index + 1)",
        convolution: ConvolutionLayer(
          outputChannels: maps, kernel: spatial.map { _ in 3 }, stride: spatial.map { _ in 2 },
          padding: .valid, initializer: initializer),
        activation: ActivationLayer(.relu))
      unit.normalization = nil
      y = try unit(y, in: &g)
    }
    return y
  }

  /// `[N, A]` and `[N, B]` as `[N, A + B]`.
  private func joined(_ a: Symbol, _ b: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    func point(_ x: Symbol) throws -> Symbol {
      try g.reshape(x, Shape(x.shape.extents + [1, 1]))
    }
    return try g.flatten(g.concatenate([point(a), point(b)]))
  }
}
