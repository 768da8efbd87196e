/// Feature maps one after another along the channel axis.
///
/// - Inputs: `[N, C_i, spatial…]`, equal but for C. Output: `[N, ΣC_i, spatial…]`.
public struct Concatenate: Operation {
  /// The operation's name.
  public var name: String { "concatenate" }

  /// The inputs' shape with the sum of their channels.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let first = inputs[0].shape
    for input in inputs
    where input.shape.batch != first.batch || input.shape.spatial != first.spatial {
      throw OperationError(
        "concatenates \(first) and \(input.shape), which differ in more than channels")
    }
    let channels = inputs.reduce(0) { $0 + $1.shape.channels }
    return [
      .init(Shape(batch: first.batch, channels: channels, spatial: first.spatial), .activation)
    ]
  }

  /// Each input receives its channels of the gradient.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    guard let gradient = gradients[0] else { return node.inputs.map { _ in nil } }
    var start = 0
    return try node.inputs.map { input in
      defer { start += input.shape.channels }
      guard graph.needsGradient(input) else { return nil }
      return try graph.channels(gradient, start..<(start + input.shape.channels))
    }
  }
}

/// Some consecutive channels of a feature map.
public struct ChannelSlice: Operation {
  /// The channels that are kept.
  public let range: Range<Int>

  /// The operation's name.
  public var name: String { "channelSlice" }

  /// The input's shape with fewer channels.
  public func outputs(for inputs: [Symbol]) throws -> [OutputDescription] {
    let x = inputs[0].shape
    guard range.lowerBound >= 0, range.upperBound <= x.channels, !range.isEmpty else {
      throw OperationError("takes channels \(range) of \(x)")
    }
    return [.init(Shape(batch: x.batch, channels: range.count, spatial: x.spatial), .activation)]
  }
}

extension GraphBuilder {
  /// Feature maps one after another along the channel axis.
  public mutating func concatenate(_ maps: [Symbol]) throws -> Symbol {
    let maps = try maps.map { try activation($0) }
    return maps.count == 1 ? maps[0] : try apply(Concatenate(), maps)[0]
  }

  /// `x [N, C, spatial…]` followed by channels of zeros, `channels` of them in all.
  ///
  /// - Throws: ``GraphError`` where `x` has more.
  public mutating func padChannels(_ x: Symbol, to channels: Int) throws -> Symbol {
    let missing = channels - x.shape.channels
    guard missing >= 0 else {
      throw GraphError(
        path: currentPath, message: "pads \(x.shape.channels) channels to \(channels)")
    }
    if missing == 0 { return x }
    let zeros = Shape(batch: x.shape.batch, channels: missing, spatial: x.shape.spatial)
    return try concatenate([x, apply(Fill(shape: zeros, value: 0), [])[0]])
  }

  /// Some consecutive channels of a feature map; used by the gradient of ``concatenate(_:)``.
  mutating func channels(_ x: Symbol, _ range: Range<Int>) throws -> Symbol {
    try apply(ChannelSlice(range: range), [x])[0]
  }
}
