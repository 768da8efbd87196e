public import Compute

/// Some ``ConvUnit``s one after another, then normalization and dropout where there are any: what
/// one level of a U-Net computes.
///
/// - Shape: that of its units in turn.
/// - Parameters: `conv1`, `norm1`, `act1`, `conv2`, …; `norm` for the normalization at the end.
public struct ConvBlock: Layer {
  /// The units in order.
  public var units: [ConvUnit]
  /// What normalizes the last unit's result, beside what the units do themselves.
  public var normalization: NormalizationLayer?
  /// What is dropped of that.
  public var dropout: DropoutLayer?

  /// A block of units, which are numbered from 1.
  public init(_ units: [ConvUnit], dropout: DropoutLayer? = nil) {
    self.units = units.enumerated().map { index, unit in
      var unit = unit
      unit.suffix = "\(index + 1)"
      return unit
    }
    self.dropout = dropout
  }

  /// Records the units and what follows them.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = x
    for unit in units { y = try unit(y, in: &g) }
    if let normalization { y = try normalization(y, "norm", in: &g) }
    if let dropout { y = try dropout(y, "dropout", in: &g) }
    return y
  }
}
