public import Compute

/// Runs the forward operations of a graph in plain loops with double precision.
///
/// Written from the operations' definitions and from nothing else, to be what engines are compared
/// with. Gradients are not computed here: they are central differences of this evaluator's loss
/// (``FiniteDifferences``), so that no formula is trusted twice.
public enum ReferenceEvaluator {
  /// What a run leaves.
  public struct Result: Sendable {
    /// The graph's outputs by name.
    public var outputs: [String: ReferenceTensor] = [:]
    /// What the run observed for each parameter, in the table's order; nil for weights.
    public var observations: [ReferenceTensor?] = []
  }

  /// Runs every node once.
  ///
  /// - Parameters:
  ///   - graph: forward nodes only.
  ///   - inputs: the dense inputs by name, row-major.
  ///   - labels: the label inputs by name, row-major.
  ///   - parameters: each parameter's values, row-major, in the table's order.
  ///   - mask: the elements of a ``DropoutMask``, which no definition fixes.
  /// - Returns: the outputs, and what was observed.
  /// - Throws: ``ReferenceError`` for a node that the reference does not know.
  public static func run(
    _ graph: Graph, inputs: [String: [Double]] = [:], labels: [String: [UInt8]] = [:],
    parameters: [[Double]],
    mask: (Node, DropoutMask) throws -> [Double] = { node, _ in
      throw ReferenceError("\(node.path) needs the mask that was drawn")
    }
  ) throws -> Result {
    var values: [ReferenceTensor?] = Array(repeating: nil, count: graph.symbolCount)
    for (symbol, elements) in zip(graph.parameterSymbols, parameters) {
      values[symbol.id] = ReferenceTensor(symbol.shape, elements)
    }
    for (name, symbol) in graph.inputs {
      let elements = symbol.kind == .labels ? labels[name]?.map(Double.init) : inputs[name]
      guard let elements else { throw ReferenceError("the input \(name) was not given") }
      values[symbol.id] = ReferenceTensor(symbol.shape, elements)
    }
    for node in graph.nodes {
      let operands = try node.inputs.map { operand in
        guard let value = values[operand.id] else {
          throw ReferenceError("\(node.path) \(node.operation.name) reads what nothing wrote")
        }
        return value
      }
      let results: [ReferenceTensor]
      if let drawn = node.operation as? DropoutMask {
        results = [ReferenceTensor(drawn.shape, try mask(node, drawn))]
      } else {
        results = try apply(node.operation, operands)
      }
      for (symbol, result) in zip(node.outputs, results) {
        guard symbol.shape == result.shape else {
          throw ReferenceError("\(node.operation.name) gives \(result.shape), not \(symbol.shape)")
        }
        values[symbol.id] = result
      }
    }
    return Result(
      outputs: graph.outputs.compactMapValues { values[$0.id] },
      observations: graph.gradients.map { $0.flatMap { values[$0.id] } })
  }

  /// The results of one operation; a workspace, always last, is left out.
  ///
  /// - Throws: ``ReferenceError`` for an operation that the reference does not know.
  public static func apply(
    _ operation: any Operation, _ x: [ReferenceTensor]
  ) throws -> [ReferenceTensor] {
    switch operation {
    case let op as Convolution: [convolution(op, x)]
    case let op as TransposedConvolution: [transposedConvolution(op, x)]
    case let op as Pooling: [pooling(op, x[0])]
    case let op as IndexedPooling: indexedPooling(op, x[0])
    case let op as Unpooling: [unpooling(op, x[0], indices: x[1])]
    case let op as Normalization: normalization(op, x)
    case let op as Activation: [x[0].map { activation(op.function, $0) }]
    case is PReLU: [prelu(x[0], slope: x[1])]
    case is Add: [add(x[0], x[1])]
    case is Multiply: [multiply(x[0], x[1])]
    case is Divide: [ReferenceTensor(x[0].shape, zip(x[0].values, x[1].values).map { $0 / $1 })]
    case is Logarithm: [x[0].map { logarithm($0) }]
    case let op as Power: [x[0].map { power($0, Double(op.exponent)) }]
    case let op as ScaleShift: [x[0].map { Double(op.scale) * $0 + Double(op.shift) }]
    case let op as Fill: [ReferenceTensor(op.shape, repeating: Double(op.value))]
    case let op as Constant: [ReferenceTensor(op.shape, op.values.map(Double.init))]
    case is Convert: [x[0]]
    case let op as Reshape: [ReferenceTensor(op.shape, x[0].values)]
    case let op as PadCrop: [padCrop(op, x[0])]
    case is Concatenate: [concatenate(x)]
    case let op as ChannelSlice: [channelSlice(op, x[0])]
    case let op as Resample: [resample(op, x[0])]
    case let op as Sum: [sum(op, x[0])]
    case let op as Broadcast: [broadcast(op, x[0])]
    case is Softmax: [softmax(x[0])]
    case let op as CrossEntropy: [crossEntropy(op, logits: x[0], labels: x[1])]
    case is BinaryCrossEntropy: [binaryCrossEntropy(logits: x[0], labels: x[1])]
    case is OverlapSums: overlapSums(probabilities: x[0], labels: x[1])
    default: throw ReferenceError("\(operation.name) has no reference")
    }
  }
}

/// Why the reference cannot run a graph.
public struct ReferenceError: Error, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}
