/// A feature map at other spatial extents, by nearest neighbor or linear interpolation.
///
/// Sample centers are aligned at half pixels: output index o reads input coordinate
/// (o + 1/2) * in / out - 1/2 (PyTorch's `align_corners=False`).
///
/// - Input: `x [N, C, spatial…]`.
public struct Resample: Operation {
  /// How values between samples are found.
  public enum Interpolation: String, Codable, Sendable, CaseIterable {
    case nearest
    case linear
  }

  /// How values between samples are found.
  public let interpolation: Interpolation
  /// The new extents.
  public let spatial: [Int]

  /// The operation's name.
  public var name: String { "\(interpolation.rawValue)Resample" }

  /// The input's shape with the new extents.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    guard spatial.count == x.spatial.count, spatial.allSatisfy({ $0 > 0 }) else {
      throw OperationError("resamples \(x) to \(spatial)")
    }
    return [.init(Shape(batch: x.batch, channels: x.channels, spatial: spatial), .activation)]
  }

  /// Emits ``ResampleBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    [
      try gradients[0].map {
        try graph.apply(
          ResampleBackward(forward: self, inputShape: node.inputs[0].shape), [$0])[0]
      }
    ]
  }
}

/// The gradient of a ``Resample`` with respect to its input.
public struct ResampleBackward: Operation {
  /// The operation that is differentiated.
  public let forward: Resample
  /// The shape of its input.
  public let inputShape: Shape

  /// The operation's name.
  public var name: String { forward.name + "Backward" }

  /// The shape of the forward input.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    [.init(inputShape, .activation)]
  }
}

extension GraphBuilder {
  /// `x [N, C, spatial…]` at other spatial extents.
  public mutating func resample(
    _ x: Symbol, to spatial: [Int], _ interpolation: Resample.Interpolation
  ) throws -> Symbol {
    try apply(Resample(interpolation: interpolation, spatial: spatial), [activation(x)])[0]
  }
}
