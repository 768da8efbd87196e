/// The mean over voxels of -log softmax(x)[label], each voxel weighted by its label's class:
/// L = Σ_i w(y_i) f(p_i(y_i)) / Z with f(p) = -(1 - p)^γ log p.
///
/// Z is Σ_i w(y_i), or the number of voxels; γ is ``focus``, 0 for the plain cross-entropy. Computed
/// from logits by log-sum-exp, so that it is finite for any finite logits. Sums are kept in double
/// precision, in an order that does not depend on the number of threads.
///
/// - Inputs: dense logits `[N, C, spatial…]`, labels `[N, spatial…]` in `0..<C`.
/// - Output: a dense scalar `[1]`.
public struct CrossEntropy: Operation {
  /// What the weighted sum is divided by.
  public enum Divisor: Hashable, Sendable {
    /// The sum of the voxels' weights.
    case weights
    /// The number of voxels.
    case voxels
  }

  /// The weight of each class; empty where all weigh 1.
  public let classWeights: [Float]
  /// Whether each sample's class c also weighs 1 - n_c / n, n_c of its n voxels being of the class.
  public let balancesSamples: Bool
  /// The exponent γ of the focal loss.
  public let focus: Float
  /// What the weighted sum is divided by.
  public let divisor: Divisor

  /// The operation's name.
  public var name: String { "crossEntropy" }

  /// An operation with these options.
  public init(
    classWeights: [Float] = [], balancesSamples: Bool = false, focus: Float = 0,
    divisor: Divisor = .weights
  ) {
    self.classWeights = classWeights
    self.balancesSamples = balancesSamples
    self.focus = focus
    self.divisor = divisor
  }

  /// A scalar.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let (logits, labels) = (inputs[0].shape, inputs[1].shape)
    try requireLabels(labels, match: logits)
    guard classWeights.isEmpty || classWeights.count == logits.channels else {
      throw OperationError(
        "has \(classWeights.count) class weights for \(logits.channels) classes")
    }
    return [.init([1], .dense)]
  }

  /// Emits ``CrossEntropyBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.apply(CrossEntropyBackward(forward: self), node.inputs + [$0])[0]
      }, nil,
    ]
  }
}

/// The gradient of a ``CrossEntropy``: d w(y_i) q_i (p_ic - [y_i = c]) / Z with
/// q = (1 - p)^γ - γ p (1 - p)^(γ - 1) log p at p = p_i(y_i), which is 1 for γ = 0.
///
/// - Inputs: logits, labels, the gradient d of the scalar.
public struct CrossEntropyBackward: Operation {
  /// The operation that is differentiated.
  public let forward: CrossEntropy

  /// The operation's name.
  public var name: String { "crossEntropyBackward" }

  /// The logits' shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .dense)]
  }
}

/// Checks that `labels [N, spatial…]` belong to `[N, C, spatial…]`.
func requireLabels(_ labels: Shape, match maps: Shape) throws {
  guard labels.extents == [maps.batch] + maps.spatial else {
    throw OperationError("compares \(maps) with labels of \(labels)")
  }
}

extension GraphBuilder {
  /// The (class-weighted) mean cross-entropy of logits `[N, C, spatial…]` and labels.
  public mutating func crossEntropy(
    _ logits: Symbol, labels: Symbol, classWeights: [Float] = []
  ) throws -> Symbol {
    try crossEntropy(logits, labels: labels, CrossEntropy(classWeights: classWeights))
  }

  /// The cross-entropy of logits `[N, C, spatial…]` and labels, with all its options.
  public mutating func crossEntropy(
    _ logits: Symbol, labels: Symbol, _ operation: CrossEntropy
  ) throws -> Symbol {
    try apply(operation, [dense(logits), labels])[0]
  }
}
