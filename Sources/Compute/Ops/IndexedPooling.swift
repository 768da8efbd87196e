/// The largest element of windows that lie side by side, and where in its window each was: what
/// SegNet's decoder wants (Badrinarayanan, Kendall, Cipolla 2017, section 3).
///
/// Of equal elements the first in row-major order wins, as in PyTorch.
///
/// - Input: `x [N, C, spatial…]` with two or three spatial axes.
/// - Outputs: the maxima `[N, C, floor(spatial / extent)…]`, and their indices, of that shape.
public struct IndexedPooling: Operation {
  /// The window's extent, and the step between windows, on each axis.
  public let extent: [Int]

  /// The operation's name.
  public var name: String { "indexedPooling" }

  /// Infers the extents of maxima and indices.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    try checkExtent(extent, of: x)
    let spatial = try Window(kernel: extent, stride: extent).outputExtents(of: x.spatial)
    let shape = Shape(batch: x.batch, channels: x.channels, spatial: spatial)
    return [.init(shape, .activation), .init(shape, .indices)]
  }

  /// The gradient of each maximum, put where the maximum was.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.unpooling(
          $0, indices: node.outputs[1], extent: extent, to: node.inputs[0].shape.spatial)
      }
    ]
  }
}

/// Each element put at the place within its window that an index names, and zeros elsewhere.
///
/// - Inputs: `x [N, C, floor(spatial / extent)…]`, indices of an ``IndexedPooling``, of that shape.
/// - Output: `[N, C, spatial…]`.
public struct Unpooling: Operation {
  /// The window's extent on each axis.
  public let extent: [Int]
  /// The extents of the result.
  public let spatial: [Int]

  /// The operation's name.
  public var name: String { "unpooling" }

  /// The given extents, where they are those that were pooled.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    try checkExtent(extent, of: x)
    guard inputs[1].kind == .indices, inputs[1].shape == x else {
      throw OperationError(
        "puts \(x) at the places of \(inputs[1].shape), which must be indices of the same shape")
    }
    guard spatial.count == extent.count, zip(spatial, extent).map({ $0 / $1 }) == x.spatial else {
      throw OperationError(
        "spreads \(x.spatial) over \(spatial), which windows of \(extent) do not divide into as many"
      )
    }
    return [.init(Shape(batch: x.batch, channels: x.channels, spatial: spatial), .activation)]
  }

  /// Emits ``UnpoolingBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return [nil, nil] }
    return [
      try graph.apply(UnpoolingBackward(forward: self), [gradient, node.inputs[1]])[0], nil,
    ]
  }
}

/// The gradient of an ``Unpooling`` with respect to its input: the elements at the places that the
/// indices name.
///
/// - Inputs: the gradient of the result, the indices.
public struct UnpoolingBackward: Operation {
  /// The operation that is differentiated.
  public let forward: Unpooling

  /// The operation's name.
  public var name: String { "unpoolingBackward" }

  /// The indices' shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[1].shape, .activation)]
  }
}

/// An index is a byte.
private func checkExtent(_ extent: [Int], of x: Shape) throws {
  guard (4...5).contains(x.rank), extent.count == x.rank - 2, extent.allSatisfy({ $0 > 0 }),
    extent.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) <= 256,
    extent.allSatisfy({ $0 <= 256 })
  else {
    throw OperationError(
      "has indices within windows of \(extent) over \(x); give an extent for each of 2 or 3 axes, "
        + "at most 256 elements in all")
  }
}

extension GraphBuilder {
  /// The largest element of windows of `extent` that lie side by side, and its place in each.
  public mutating func indexedPooling(
    _ x: Symbol, extent: [Int]
  ) throws -> (maxima: Symbol, indices: Symbol) {
    let results = try apply(IndexedPooling(extent: extent), [activation(x)])
    return (results[0], results[1])
  }

  /// `x` spread over windows of `extent`: each element where an index says, zeros elsewhere.
  public mutating func unpooling(
    _ x: Symbol, indices: Symbol, extent: [Int], to spatial: [Int]
  ) throws -> Symbol {
    try apply(Unpooling(extent: extent, spatial: spatial), [activation(x), indices])[0]
  }
}
