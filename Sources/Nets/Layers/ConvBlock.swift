public import Compute

/// Some ``ConvUnit``s one after another, then dropout: what one level of a U-Net computes.
///
/// - Shape: that of its units in turn.
/// - Parameters: `conv1`, `norm1`, `act1`, `conv2`, ….
public struct ConvBlock: Layer {
  /// The units in order.
  public var units: [ConvUnit]
  /// What is dropped of the last unit's result.
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

  /// Records the units and the dropout.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var y = x
    for unit in units { y = try unit(y, in: &g) }
    if let dropout { y = try dropout(y, "dropout", in: &g) }
    return y
  }
}
