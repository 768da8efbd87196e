/// Shifts and scales each channel to mean 0 and variance 1, then by learned `scale` and `shift`:
/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift.
///
/// Variances are biased (divided by the count), as in Ioffe and Szegedy 2015, algorithm 1, and
/// Ulyanov, Vedaldi, Lempitsky 2016, equation 4.
///
/// - Inputs: `x [N, C, spatial…]`, `scale [C]`, `shift [C]`; for ``Statistics/given`` also
///   `mean [C]`, `variance [C]`.
/// - Outputs: `y`, and where they are computed `mean`, `variance`, each `[G, C]` with G = 1 for a
///   batch and G = N for instances; then a workspace.
public struct Normalization: Operation {
  /// Over what mean and variance are taken.
  public enum Statistics: Hashable, Sendable {
    /// Over batch and space, for each channel.
    case batch
    /// Over space, for each sample and channel.
    case instance
    /// They are inputs: running statistics at inference.
    case given
  }

  /// Over what mean and variance are taken.
  public let statistics: Statistics
  /// Added to the variance.
  public let epsilon: Float

  /// The operation's name.
  public var name: String { "\(statistics)Normalization" }

  /// `x`'s shape, and the statistics that are computed.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    guard inputs.dropFirst().allSatisfy({ $0.shape == [x.channels] }) else {
      throw OperationError(
        "normalizes \(x.channels) channels with parameters of \(inputs.dropFirst().map(\.shape))")
    }
    let y = OutputDescription(x, .activation)
    switch statistics {
    case .given: return [y]
    case .batch, .instance:
      let groups = statistics == .batch ? 1 : x.batch
      guard x.count / x.channels / groups > 1 else {
        throw OperationError(
          "normalizes over a single element of \(x); use a larger patch or fewer levels")
      }
      let moments = OutputDescription([groups, x.channels], .dense)
      return [y, moments, moments, .init([], .workspace)]
    }
  }

  /// Emits ``NormalizationBackward``.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard statistics != .given else {
      throw OperationError("normalizes with running statistics, which has no gradient here")
    }
    guard let gradient = gradients[0] else { return node.inputs.map { _ in nil } }
    return try graph.apply(
      NormalizationBackward(forward: self),
      [node.inputs[0], gradient, node.inputs[1]] + node.outputs.dropFirst()
    ).map(Optional.some)
  }
}

/// The gradients of a normalization with respect to `x`, `scale` and `shift`.
///
/// - Inputs: `x`, the gradient of `y`, `scale`, `mean`, `variance`, the forward workspace.
public struct NormalizationBackward: Operation {
  /// The normalization that is differentiated.
  public let forward: Normalization

  /// The operation's name.
  public var name: String { "\(forward.statistics)NormalizationBackward" }

  /// The shapes of `x`, `scale` and `shift`.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let scale = OutputDescription(inputs[2].shape, .dense)
    return [.init(inputs[0].shape, .activation), scale, scale]
  }
}

extension GraphBuilder {
  /// Normalizes each channel of each sample of `x [N, C, spatial…]` over space.
  public mutating func instanceNormalization(
    _ x: Symbol, scale: Symbol, shift: Symbol, epsilon: Float
  ) throws -> Symbol {
    try apply(
      Normalization(statistics: .instance, epsilon: epsilon), [activation(x), scale, shift])[0]
  }

  /// Normalizes each channel of `x [N, C, spatial…]` over batch and space while training, and with
  /// the running statistics at inference.
  ///
  /// A training run observes the batch's mean and its unbiased variance for the two buffers.
  public mutating func batchNormalization(
    _ x: Symbol, scale: Symbol, shift: Symbol, runningMean: Symbol, runningVariance: Symbol,
    epsilon: Float
  ) throws -> Symbol {
    let x = try activation(x)
    switch mode {
    case .inference:
      return try apply(
        Normalization(statistics: .given, epsilon: epsilon),
        [x, scale, shift, runningMean, runningVariance])[0]
    case .training:
      let results = try apply(
        Normalization(statistics: .batch, epsilon: epsilon), [x, scale, shift])
      let count = Float(x.shape.count / x.shape.channels)
      let channels: Shape = [x.shape.channels]
      observe(try reshape(results[1], channels), for: runningMean)
      let variance = try scaleShift(results[2], scale: count / (count - 1))
      observe(try reshape(variance, channels), for: runningVariance)
      return results[0]
    }
  }
}
