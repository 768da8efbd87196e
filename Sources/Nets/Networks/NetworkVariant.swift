import Compute

/// Which of two readings of a published network is meant.
public enum NetworkVariant: String, NamedOption {
  /// The paper's, or that of its widespread implementation.
  case original
  /// That of the Imperial College knee segmentation project, where it differs.
  case imperial
}

extension NetworkVariant {
  /// What the decoder of a network with gates concatenates at a level, recorded as `gate`.
  ///
  /// The original puts what an ``AdditiveGate`` lets pass of the skip before the raised maps; the
  /// Imperial variant the skip before what a ``ConcatenationGate`` lets pass of it.
  func gated(
    _ skip: Symbol, by raised: Symbol, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    try g.scope("gate") { g in
      switch self {
      case .original: [try AdditiveGate(style: style)(skip, gating: raised, in: &g), raised]
      case .imperial: [skip, try ConcatenationGate(style: style)(skip, gating: raised, in: &g)]
      }
    }
  }
}
