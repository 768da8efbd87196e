public import Compute

/// Zeroes elements or whole maps at random while training, and scales the rest by 1 / (1 - rate).
///
/// - Shape: `[N, C, spatial…]`, unchanged. The identity at inference.
public struct DropoutLayer: Layer {
  /// The probability of 0, in 0 ..< 1.
  public var rate: Float
  /// Whether whole maps are dropped (spatial dropout, Tompson et al. 2015) or single elements.
  public var wholeChannels: Bool

  /// A dropout.
  public init(rate: Float, wholeChannels: Bool) {
    self.rate = rate
    self.wholeChannels = wholeChannels
  }

  /// Records the dropout.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.dropout(x, rate: rate, wholeChannels: wholeChannels)
  }
}
