/// The sum over some axes, which keep an extent of 1.
public struct Sum: Operation {
  /// The axes that are summed over; 0 is N, 1 is C.
  public let axes: [Int]

  /// The operation's name.
  public var name: String { "sum" }

  /// The input's shape with 1 at the summed axes.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    var shape = inputs[0].shape
    for axis in axes {
      guard shape.extents.indices.contains(axis) else {
        throw OperationError("sums over axis \(axis) of \(shape)")
      }
      shape.extents[axis] = 1
    }
    return [.init(shape, inputs[0].kind)]
  }

  /// The gradient, repeated over the summed axes.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [try gradients[0].map { try graph.apply(Broadcast(shape: node.inputs[0].shape), [$0])[0] }]
  }
}

/// A tensor repeated along its axes of extent 1.
public struct Broadcast: Operation {
  /// The extents of the result.
  public let shape: Shape

  /// The operation's name.
  public var name: String { "broadcast" }

  /// The given shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    guard x.rank == shape.rank, zip(x.extents, shape.extents).allSatisfy({ $0 == $1 || $0 == 1 })
    else { throw OperationError("repeats \(x) to \(shape)") }
    return [.init(shape, inputs[0].kind)]
  }

  /// The gradient, summed over the repeated axes.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    let x = node.inputs[0].shape
    let repeated = x.extents.indices.filter { x[$0] != shape[$0] }
    return [try gradients[0].map { try graph.sum($0, axes: repeated) }]
  }
}

extension GraphBuilder {
  /// The sum over some axes, which keep an extent of 1.
  public mutating func sum(_ x: Symbol, axes: [Int]) throws -> Symbol {
    try apply(Sum(axes: axes), [x])[0]
  }

  /// The mean over some axes, which keep an extent of 1.
  public mutating func mean(_ x: Symbol, axes: [Int]) throws -> Symbol {
    let count = axes.reduce(1) { $0 * x.shape[$1] }
    return try scaleShift(sum(x, axes: axes), scale: 1 / Float(count))
  }

  /// The mean of all elements, as a dense scalar of shape `[1]`.
  public mutating func mean(_ x: Symbol) throws -> Symbol {
    try reshape(mean(dense(x), axes: Array(0..<x.shape.rank)), [1])
  }
}
