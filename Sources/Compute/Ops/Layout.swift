/// The same elements as another kind: dense float32 or the engine's activation.
public struct Convert: Operation {
  /// What the result is kept as.
  public let kind: Symbol.Kind

  /// The operation's name.
  public var name: String { "convert" }

  /// The input's shape, the new kind.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, kind)]
  }

  /// The gradient, converted back.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.apply(Convert(kind: node.inputs[0].kind), [$0])[0] }]
  }
}

/// The same elements of a dense tensor, in row-major order, under another shape.
public struct Reshape: Operation {
  /// The new extents.
  public let shape: Shape

  /// The operation's name.
  public var name: String { "reshape" }

  /// The new shape, which must have as many elements.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard shape.count == inputs[0].shape.count, inputs[0].kind == .dense else {
      throw OperationError("reshapes \(inputs[0].shape) to \(shape), of another size")
    }
    return [.init(shape, .dense)]
  }

  /// The gradient under the old shape.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.reshape($0, node.inputs[0].shape) }]
  }
}

/// Zeros around the spatial extents, or fewer of them where a number is negative.
///
/// - Input: `x [N, C, spatial…]`.
public struct PadCrop: Operation {
  /// Elements added (negative: removed) before the first, for each spatial axis.
  public let before: [Int]
  /// Elements added (negative: removed) after the last, for each spatial axis.
  public let after: [Int]

  /// The operation's name.
  public var name: String { "padCrop" }

  /// The changed extents.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    let spatial = x.spatial.indices.map { x.spatial[$0] + before[$0] + after[$0] }
    guard spatial.allSatisfy({ $0 > 0 }) else {
      throw OperationError("crops \(x.spatial) to \(spatial)")
    }
    return [.init(Shape(batch: x.batch, channels: x.channels, spatial: spatial), .activation)]
  }

  /// The opposite change applied to the gradient.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.apply(PadCrop(before: before.map { -$0 }, after: after.map { -$0 }), [$0])[0]
      }
    ]
  }
}

extension GraphBuilder {
  /// `x` as dense float32 in row-major order; `x` itself where it already is.
  public mutating func dense(_ x: Symbol) throws -> Symbol {
    x.kind == .dense ? x : try apply(Convert(kind: .dense), [x])[0]
  }

  /// `x` in the engine's own precision and layout; `x` itself where it already is.
  public mutating func activation(_ x: Symbol) throws -> Symbol {
    x.kind == .activation ? x : try apply(Convert(kind: .activation), [x])[0]
  }

  /// `x` under another shape with as many elements, as dense float32.
  public mutating func reshape(_ x: Symbol, _ shape: Shape) throws -> Symbol {
    let x = try dense(x)
    return x.shape == shape ? x : try apply(Reshape(shape: shape), [x])[0]
  }

  /// `x [N, …]` as dense `[N, rest]`, row-major: what a dense layer takes.
  public mutating func flatten(_ x: Symbol) throws -> Symbol {
    try reshape(x, [x.shape.batch, x.shape.extents.dropFirst().reduce(1, *)])
  }

  /// `x [N, C, spatial…]` with zeros added, or with elements removed where negative.
  public mutating func pad(_ x: Symbol, before: [Int], after: [Int]) throws -> Symbol {
    try apply(PadCrop(before: before, after: after), [activation(x)])[0]
  }

  /// The middle of `x [N, C, spatial…]`, of the given extents.
  public mutating func centerCrop(_ x: Symbol, to spatial: [Int]) throws -> Symbol {
    let excess = zip(x.shape.spatial, spatial).map { $0 - $1 }
    if excess.allSatisfy({ $0 == 0 }) { return x }
    return try pad(x, before: excess.map { -($0 / 2) }, after: excess.map { -($0 - $0 / 2) })
  }
}
