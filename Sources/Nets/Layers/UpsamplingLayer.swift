public import Compute

/// A feature map with extents multiplied, by repetition or linear interpolation.
///
/// - Shape: `[N, C, spatial…]` to `[N, C, spatial · factor…]`.
public struct UpsamplingLayer: Layer {
  /// How values between samples are found.
  public var interpolation: Resample.Interpolation
  /// What extents are multiplied by, on each axis.
  public var factor: [Int]

  /// An up-sampling.
  public init(_ interpolation: Resample.Interpolation, factor: [Int]) {
    self.interpolation = interpolation
    self.factor = factor
  }

  /// Records the up-sampling.
  public func callAsFunction(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    guard factor.count == x.shape.spatial.count else {
      throw GraphError(
        path: g.currentPath, message: "up-samples \(factor.count) axes, got \(x.shape)")
    }
    return try g.resample(x, to: zip(x.shape.spatial, factor).map { $0 * $1 }, interpolation)
  }
}
