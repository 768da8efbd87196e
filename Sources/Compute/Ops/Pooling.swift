/// The largest or the mean element under a sliding window.
///
/// - Input: `x [N, C, spatial…]`.
/// - Outputs: `[N, C, spatial…]` with the extents of ``Window/outputExtents(of:)``; for the
///   maximum also a workspace that says where each came from.
public struct Pooling: Operation {
  /// What is taken from a window.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case maximum
    /// The mean over the elements inside the input; padding does not count.
    case average
  }

  /// What is taken from a window.
  public let kind: Kind
  /// The sliding window; its dilation must be 1.
  public let window: Window

  /// The operation's name.
  public var name: String { "\(kind.rawValue)Pooling" }

  /// Infers the output's extents.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    guard window.dilation.allSatisfy({ $0 == 1 }) else {
      throw OperationError("pools with dilation \(window.dilation); only 1 is supported")
    }
    let spatial = try window.outputExtents(of: x.spatial)
    let y = OutputDescription(
      Shape(batch: x.batch, channels: x.channels, spatial: spatial), .activation)
    return kind == .maximum ? [y, .init([], .workspace)] : [y]
  }

  /// Emits ``PoolingBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil] }
    return try graph.apply(
      PoolingBackward(forward: self, inputShape: node.inputs[0].shape),
      [gradient] + node.outputs.dropFirst()
    ).map(Optional.some)
  }
}

/// The gradient of a pooling with respect to its input.
///
/// - Inputs: the gradient of the output; for the maximum, the forward workspace.
public struct PoolingBackward: Operation {
  /// The pooling that is differentiated.
  public let forward: Pooling
  /// The shape of its input.
  public let inputShape: Shape

  /// The operation's name.
  public var name: String { "\(forward.kind.rawValue)PoolingBackward" }

  /// The shape of the pooling's input.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputShape, .activation)]
  }
}

extension GraphBuilder {
  /// The largest or mean element of `x [N, C, spatial…]` under a window.
  public mutating func pooling(
    _ x: Symbol, _ kind: Pooling.Kind, window: Window
  ) throws -> Symbol {
    try apply(Pooling(kind: kind, window: window), [activation(x)])[0]
  }

  /// The mean of each map of `x [N, C, spatial…]`, as a map of a single element `[N, C, 1…]`.
  public mutating func globalAveragePooling(_ x: Symbol) throws -> Symbol {
    try pooling(x, .average, window: Window(kernel: x.shape.spatial))
  }
}
