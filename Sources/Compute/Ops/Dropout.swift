/// What dropout multiplies by: 0 with probability `rate`, else 1 / (1 - rate).
///
/// The draws are counter-based, named by the run's key and the node's path: the same mask on any
/// rank and for any number of threads.
///
/// - Output: dense, of the given shape.
public struct DropoutMask: Operation {
  /// The probability of 0.
  public let rate: Float
  /// The extents; 1 along an axis drops whole slices of it.
  public let shape: Shape

  /// The operation's name.
  public var name: String { "dropoutMask" }

  /// The given shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard (0..<1).contains(rate) else {
      throw OperationError("drops at rate \(rate), which must lie in 0 ..< 1")
    }
    return [.init(shape, .dense)]
  }
}

extension GraphBuilder {
  /// Zeroes elements of `x [N, C, spatial…]` at random while training; `x` itself at inference.
  ///
  /// - Parameters:
  ///   - x: what elements are dropped from.
  ///   - rate: the probability that an element is dropped, in 0 ..< 1.
  ///   - wholeChannels: drop whole feature maps (spatial dropout, Tompson et al. 2015).
  /// - Returns: a tensor of the shape of `x`, scaled so that its mean is kept.
  /// - Throws: ``GraphError`` for a rate outside its range.
  public mutating func dropout(
    _ x: Symbol, rate: Float, wholeChannels: Bool
  ) throws -> Symbol {
    guard mode == .training, rate > 0 else { return x }
    var shape = x.shape
    if wholeChannels { for axis in 2..<shape.rank { shape.extents[axis] = 1 } }
    return try multiply(x, apply(DropoutMask(rate: rate, shape: shape), [])[0])
  }
}
