public import Compute

/// Convolutions one after another, each followed by the same normalization, an activation and
/// dropout.
///
/// The normalization's scale, shift and running statistics serve all of them; the statistics move
/// once for each.
///
/// - Shape: that of its units in turn.
/// - Parameters: `conv1`, `conv2`, …, `norm`.
public struct SharedNormBlock: Layer {
  /// The convolutions and their activations.
  public var units: [ConvUnit]
  /// What normalizes the result of each convolution.
  public var normalization: NormalizationLayer?
  /// What is dropped after each.
  public var dropout: DropoutLayer?

  /// A block of `count` equal units.
  public init(
    _ unit: ConvUnit, count: Int, normalization: NormalizationLayer?, dropout: DropoutLayer?
  ) {
    units = Array(repeating: unit, count: count)
    self.normalization = normalization
    self.dropout = dropout
  }

  /// Records the units.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = x
    for (index, unit) in units.enumerated() {
      y = try unit.convolution(y, "conv\(index + 1)", in: &g)
      if let normalization { y = try normalization(y, "norm", in: &g) }
      if let activation = unit.activation { y = try activation(y, "act\(index + 1)", in: &g) }
      if let dropout { y = try dropout(y, "dropout\(index + 1)", in: &g) }
    }
    return y
  }
}
