/// Shifts and scales each channel to mean 0 and variance 1, then by learned `scale` and `shift`:
/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, or with ``Spread/deviation``
/// y = (x - mean) / (deviation + epsilon) * scale + shift.
///
/// Variances are biased (divided by the count), as in Ioffe and Szegedy 2015, algorithm 1, and
/// Ulyanov, Vedaldi, Lempitsky 2016, equation 4; a deviation is the square root of that.
///
/// - Inputs: `x [N, C, spatial…]`, `scale [C]`, `shift [C]`; for ``Statistics/given`` also
///   `mean [C]`, `spread [C]`.
/// - Outputs: `y`, and where they are computed `mean`, `spread` (variance or deviation), each
///   `[G, C]` with G = 1 for a batch and G = N for instances; then a workspace.
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

  /// What a channel is divided by.
  public enum Spread: Hashable, Sendable {
    /// sqrt(variance + epsilon).
    case variance
    /// Standard deviation + epsilon (Kayalibay et al. 2017). Where a deviation is 0 it has no
    /// derivative: it counts as a constant there.
    case deviation
  }

  /// Over what mean and variance are taken.
  public let statistics: Statistics
  /// What a channel is divided by.
  public let spread: Spread
  /// Added to the variance or to the deviation.
  public let epsilon: Float

  /// The operation's name.
  public var name: String {
    "\(statistics)\(spread == .deviation ? "Deviation" : "")Normalization"
  }

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
/// - Inputs: `x`, the gradient of `y`, `scale`, `mean`, `spread`, the forward workspace.
public struct NormalizationBackward: Operation {
  /// The normalization that is differentiated.
  public let forward: Normalization

  /// The operation's name.
  public var name: String { forward.name + "Backward" }

  /// The shapes of `x`, `scale` and `shift`.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let scale = OutputDescription(inputs[2].shape, .dense)
    return [.init(inputs[0].shape, .activation), scale, scale]
  }
}

extension GraphBuilder {
  /// Normalizes each channel of each sample of `x [N, C, spatial…]` over space.
  ///
  /// Without a `scale [C]`, it is 1 everywhere and not learned.
  public mutating func instanceNormalization(
    _ x: Symbol, scale: Symbol?, shift: Symbol, epsilon: Float
  ) throws -> Symbol {
    try apply(
      Normalization(statistics: .instance, spread: .variance, epsilon: epsilon),
      [activation(x), scale ?? ones(x.shape.channels), shift])[0]
  }

  /// Normalizes each channel of `x [N, C, spatial…]` over batch and space while training, and with
  /// the running statistics at inference.
  ///
  /// A training run observes the batch's mean and its unbiased variance for the two buffers. Where
  /// a pair of buffers serves several normalizations, they are observed in turn (``observe(_:for:)``).
  ///
  /// - Parameters:
  ///   - x: the feature map.
  ///   - scale: `[C]`; nil: 1 everywhere, nothing learned.
  ///   - shift: `[C]`.
  ///   - runningMean: the buffer that is the mean at inference.
  ///   - runningVariance: the buffer that is the variance at inference.
  ///   - epsilon: added to the variance.
  /// - Returns: the normalized map.
  /// - Throws: ``GraphError`` where a parameter does not have the map's channels, or there is one
  ///   element to normalize over.
  public mutating func batchNormalization(
    _ x: Symbol, scale: Symbol?, shift: Symbol, runningMean: Symbol, runningVariance: Symbol,
    epsilon: Float
  ) throws -> Symbol {
    let count = Float(x.shape.count / x.shape.channels)
    return try batchNormalization(
      x, .variance, scale, shift, (runningMean, runningVariance), epsilon
    ) { graph, variance in try graph.scaleShift(variance, scale: count / (count - 1)) }
  }

  /// Divides by the standard deviation + epsilon, else as
  /// ``batchNormalization(_:scale:shift:runningMean:runningVariance:epsilon:)`` (Kayalibay et al.
  /// 2017).
  ///
  /// A training run observes the batch's mean and its biased standard deviation.
  public mutating func batchNormalization(
    _ x: Symbol, scale: Symbol?, shift: Symbol, runningMean: Symbol, runningDeviation: Symbol,
    epsilon: Float
  ) throws -> Symbol {
    try batchNormalization(
      x, .deviation, scale, shift, (runningMean, runningDeviation), epsilon
    ) { _, deviation in deviation }
  }

  private mutating func batchNormalization(
    _ x: Symbol, _ spread: Normalization.Spread, _ scale: Symbol?, _ shift: Symbol,
    _ running: (mean: Symbol, spread: Symbol), _ epsilon: Float,
    observed: (inout GraphBuilder, Symbol) throws -> Symbol
  ) throws -> Symbol {
    let x = try activation(x)
    let channels: Shape = [x.shape.channels]
    let scale = try scale ?? ones(x.shape.channels)
    switch mode {
    case .inference:
      return try apply(
        Normalization(statistics: .given, spread: spread, epsilon: epsilon),
        [x, scale, shift, running.mean, running.spread])[0]
    case .training:
      let results = try apply(
        Normalization(statistics: .batch, spread: spread, epsilon: epsilon), [x, scale, shift])
      try observe(reshape(results[1], channels), for: running.mean)
      try observe(reshape(observed(&self, results[2]), channels), for: running.spread)
      return results[0]
    }
  }

  private mutating func ones(_ channels: Int) throws -> Symbol {
    try constant(Array(repeating: 1, count: channels), shape: [channels])
  }
}
