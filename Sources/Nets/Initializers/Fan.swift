public import Compute

/// How many inputs and outputs an element of a weight connects, as PyTorch counts them
/// (`torch.nn.init._calculate_fan_in_and_fan_out`).
///
/// For a convolution's weight `[O, I, k…]` the fan in is I times the taps of the kernel. For a
/// transposed convolution's weight `[I, O, k…]` PyTorch takes the second extent all the same, which
/// is O; so do we, so that both start from the same distribution.
public struct Fan: Sendable, Equatable {
  /// The second extent times the kernel's taps.
  public let input: Int
  /// The first extent times the kernel's taps.
  public let output: Int

  /// The fans of a weight of this shape; a vector has its length as both.
  public init(_ shape: Shape) {
    guard shape.rank >= 2 else {
      (input, output) = (shape.count, shape.count)
      return
    }
    let taps = shape.extents.dropFirst(2).reduce(1, *)
    input = shape[1] * taps
    output = shape[0] * taps
  }
}

/// The shape of a random initial distribution.
public enum InitialDistribution: String, NamedOption {
  case normal
  case uniform
}
