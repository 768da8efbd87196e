public import Compute
public import CounterRandom

/// A graph builder that draws the tensors an operation needs as parameters.
///
/// Data are parameters too, so that their gradients lie in the gradient arena and can be checked.
public struct CaseTracer {
  /// Where the operations go.
  public var graph: GraphBuilder
  /// The number of samples.
  public let batch: Int

  /// The name prefix of parameters whose first axis is the batch.
  static let dataPrefix = "data."

  /// A feature map `[batch, channels, spatial…]` with elements drawn evenly from `range`.
  public mutating func data(
    _ name: String = "x", channels: Int, _ spatial: [Int], in range: Range<Float> = -1..<1
  ) throws -> Symbol {
    try graph.activation(denseData(name, channels: channels, spatial, in: range))
  }

  /// The same, left dense.
  public mutating func denseData(
    _ name: String = "x", channels: Int, _ spatial: [Int], in range: Range<Float> = -1..<1
  ) throws -> Symbol {
    try parameter(
      Self.dataPrefix + name, Shape(batch: batch, channels: channels, spatial: spatial), in: range)
  }

  /// A feature map whose elements are unlike their neighbors, by more than bfloat16 rounds: what is
  /// largest in a window is so in every precision.
  public mutating func ladder(
    _ name: String = "x", channels: Int, _ spatial: [Int]
  ) throws -> Symbol {
    let shape = Shape(batch: batch, channels: channels, spatial: spatial)
    return try graph.activation(
      graph.parameter(Self.dataPrefix + name, shape, .weight, initializer: LadderInitializer()))
  }

  /// A parameter that all samples share.
  public mutating func parameter(
    _ name: String, _ shape: Shape, in range: Range<Float> = -1..<1,
    role: ParameterTable.Role = .weight
  ) throws -> Symbol {
    try graph.parameter(name, shape, role, initializer: UniformInitializer(range: range))
  }

  /// Labels `[batch, spatial…]`.
  public mutating func labels(_ spatial: [Int]) -> Symbol {
    graph.input("labels", Shape([batch] + spatial), .labels)
  }
}

/// Fills a parameter with 64ths between -1 and 1 that recur after 127 elements.
private struct LadderInitializer: ParameterInitializer {
  func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    for index in values.indices { values[index] = Float(index * 37 % 127 - 63) / 64 }
  }
}

/// Fills a parameter with values drawn evenly from a range.
public struct UniformInitializer: ParameterInitializer {
  /// The half-open range of the values.
  public let range: Range<Float>

  /// An initializer that draws from `range`.
  public init(range: Range<Float>) { self.range = range }

  /// Writes one draw into each element.
  public func fill(
    _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
  ) {
    for index in values.indices { values[index] = stream.uniform(in: range) }
  }
}
