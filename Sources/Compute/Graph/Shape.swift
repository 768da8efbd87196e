/// The extents of a tensor, in the order N, C, then the spatial axes (D, H, W or H, W).
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first.
  public var extents: [Int]

  /// A shape with these extents, outermost first.
  public init(_ extents: [Int]) { self.extents = extents }

  /// A shape with these extents, outermost first.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// A feature map's shape: batch, channels, spatial extents.
  public init(batch: Int, channels: Int, spatial: [Int]) {
    self.init([batch, channels] + spatial)
  }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The number of elements; 1 for a scalar.
  public var count: Int { extents.reduce(1, *) }

  /// The extent of the batch axis.
  public var batch: Int { extents[0] }

  /// The extent of the channel axis.
  public var channels: Int { extents[1] }

  /// The extents of the spatial axes.
  public var spatial: [Int] { Array(extents.dropFirst(2)) }

  /// The extent of one axis.
  public subscript(axis: Int) -> Int { extents[axis] }

  /// The extents as `[2, 16, 64, 64, 64]`.
  public var description: String { "\(extents)" }
}
