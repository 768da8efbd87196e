public import Compute

/// The largest or the mean element of windows that lie side by side.
///
/// - Shape: `[N, C, spatial…]` to `[N, C, floor(spatial / extent)…]`.
public struct PoolingLayer: Layer {
  /// What is taken from a window.
  public var kind: Pooling.Kind
  /// The window's extent, and the step between windows, on each axis.
  public var extent: [Int]

  /// A pooling.
  public init(_ kind: Pooling.Kind, extent: [Int]) {
    self.kind = kind
    self.extent = extent
  }

  /// Records the pooling.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.pooling(x, kind, window: Window(kernel: extent, stride: extent))
  }
}
