/// A tensor that does not exist yet: what one node of a graph hands to another.
public struct Symbol: Hashable, Sendable {
  /// How the elements of a symbol are kept while a plan runs.
  public enum Kind: Hashable, Sendable {
    /// A feature map: float32 or bfloat16, in the layout the engine prefers.
    case activation
    /// float32 in dense row-major order: images, statistics, losses, parameters.
    case dense
    /// Class indices, one byte each, in dense row-major order `[N, spatial…]`.
    case labels
    /// The place of each element within its window, counted in row-major order: one byte each, in
    /// a layout of the engine's.
    case indices
    /// What a forward operation leaves for its own backward (a mask, an index map).
    ///
    /// Size and layout are the engine's; the shape is empty.
    case workspace
  }

  /// The symbol's place in its graph.
  public let id: Int
  /// The extents; N, C, spatial for a feature map.
  public let shape: Shape
  /// How the elements are kept.
  public let kind: Kind
}

/// What an operation declares about one of its results.
public struct OutputDescription: Sendable {
  /// The extents of the result.
  public var shape: Shape
  /// How its elements are kept.
  public var kind: Symbol.Kind

  /// A result of this shape and kind.
  public init(_ shape: Shape, _ kind: Symbol.Kind) {
    self.shape = shape
    self.kind = kind
  }
}
