/// For each sample and class, what overlap losses (Dice, Jaccard, Tversky) are made of.
///
/// - Inputs: dense probabilities p `[N, C, spatial…]`, labels y `[N, spatial…]`.
/// - Outputs, each dense `[N, C]`: Σ p [y = c], Σ p, Σ p², Σ [y = c], over space, summed in double
///   precision in an order that does not depend on the number of threads.
public struct OverlapSums: Operation {
  /// The operation's name.
  public var name: String { "overlapSums" }

  /// Four tables of samples by classes.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let p = inputs[0].shape
    guard inputs[0].kind == .dense else { throw OperationError("needs dense probabilities") }
    try requireLabels(inputs[1].shape, match: p)
    return Array(repeating: .init([p.batch, p.channels], .dense), count: 4)
  }

  /// Emits ``OverlapSumsBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    var arriving: [Symbol] = []
    for (output, gradient) in zip(node.outputs, gradients).prefix(3) {
      let zero = Fill(shape: output.shape, value: 0)
      arriving.append(try gradient ?? graph.apply(zero, [])[0])
    }
    return [try graph.apply(OverlapSumsBackward(), node.inputs + arriving)[0], nil]
  }
}

/// The gradient of ``OverlapSums`` with respect to p: a [y = c] + b + 2 c p.
///
/// - Inputs: p, labels, the gradients a, b, c of the first three sums.
public struct OverlapSumsBackward: Operation {
  /// The operation's name.
  public var name: String { "overlapSumsBackward" }

  /// The probabilities' shape.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputs[0].shape, .dense)]
  }
}

/// The results of ``GraphBuilder/overlapSums(_:labels:)``, each dense `[N, C]`.
public struct OverlapSymbols: Sendable {
  /// Σ p [y = c].
  public let intersection: Symbol
  /// Σ p.
  public let predicted: Symbol
  /// Σ p².
  public let squared: Symbol
  /// Σ [y = c].
  public let reference: Symbol

  /// The four sums.
  public init(intersection: Symbol, predicted: Symbol, squared: Symbol, reference: Symbol) {
    self.intersection = intersection
    self.predicted = predicted
    self.squared = squared
    self.reference = reference
  }
}

extension GraphBuilder {
  /// What overlap losses are made of, for each sample and class.
  public mutating func overlapSums(
    _ probabilities: Symbol, labels: Symbol
  ) throws -> OverlapSymbols {
    let sums = try apply(OverlapSums(), [dense(probabilities), labels])
    return OverlapSymbols(
      intersection: sums[0], predicted: sums[1], squared: sums[2], reference: sums[3])
  }
}
