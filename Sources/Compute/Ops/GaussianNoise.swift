/// Draws from the normal distribution of mean 0.
///
/// The draws are counter-based, named by the run's key, the node's path and the place of the
/// element: the same noise on any rank and for any number of threads.
///
/// - Output: dense, of the given shape.
public struct GaussianNoise: Operation {
  /// The standard deviation.
  public let deviation: Float
  /// The extents.
  public let shape: Shape

  /// The operation's name.
  public var name: String { "gaussianNoise" }

  /// The given shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    guard deviation >= 0, deviation.isFinite else {
      throw OperationError(
        "adds noise of deviation \(deviation), which must be finite and not negative")
    }
    return [.init(shape, .dense)]
  }
}

extension GraphBuilder {
  /// Adds normal noise to each element of `x` while training; `x` itself at inference.
  ///
  /// Small noise on a feature map is lost in bfloat16: add it to the image.
  ///
  /// - Throws: ``GraphError`` for a deviation that is negative or not finite.
  public mutating func gaussianNoise(_ x: Symbol, deviation: Float) throws -> Symbol {
    guard mode == .training, deviation != 0 else { return x }
    return try add(x, apply(GaussianNoise(deviation: deviation, shape: x.shape), [])[0])
  }
}
