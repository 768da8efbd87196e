/// A rule that makes tensors out of tensors: attributes, shape inference, differentiation.
///
/// An operation holds no tensors and knows no engine. Add one with a file in `Ops/` that holds the
/// forward type, the types of its gradients, and the ``GraphBuilder`` method that applies it; then
/// teach each engine to run them (`Engine/CPU/Kernels`), and give the reference loops a row.
public protocol Operation: Sendable {
  /// The name that summaries and errors use, in camel case.
  var name: String { get }

  /// The results for these inputs.
  ///
  /// - Throws: ``OperationError`` in words that make sense after the path of the node.
  func outputs(for inputs: [Symbol]) throws -> [OutputDescription]

  /// Emits the nodes that carry gradients from results to inputs.
  ///
  /// - Parameters:
  ///   - node: the application of this operation that is differentiated.
  ///   - gradients: the gradient of each result; nil where the result does not reach the loss.
  ///   - graph: where the nodes go; ask it ``GraphBuilder/needsGradient(_:)`` before working.
  /// - Returns: a gradient for each input; nil where none is needed or exists.
  /// - Throws: ``OperationError`` where the operation has no gradient.
  func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?]

  /// Multiply-add operations of one application; 0 where it is not worth counting.
  func multiplyAdds(for node: Node) -> Int
}

extension Operation {
  /// The default refuses: gradients of gradients are not needed here.
  public func differentiate(
    _ node: Node, gradients: [Symbol?], in graph: inout GraphBuilder
  ) throws -> [Symbol?] {
    throw OperationError("\(name) has no gradient")
  }

  /// The default counts nothing.
  public func multiplyAdds(for node: Node) -> Int { 0 }
}

/// One application of an operation within a graph.
public struct Node: Sendable {
  /// What is applied.
  public let operation: any Operation
  /// To what.
  public let inputs: [Symbol]
  /// With which results.
  public let outputs: [Symbol]
  /// Where in the network, for example `decoder.2.conv1`; empty at the top.
  public let path: String
}

/// Why an operation cannot be applied, in words that continue the path of the node.
public struct OperationError: Error, CustomStringConvertible {
  /// The sentence, without the path.
  public let description: String

  /// An error with this sentence.
  public init(_ description: String) { self.description = description }
}

/// Why a network cannot be traced: the path within the network, and what is wrong there.
public struct GraphError: Error, CustomStringConvertible {
  /// The path of the layer, for example `decoder.2.conv1`.
  public let path: String
  /// What is wrong, continuing the path.
  public let message: String

  /// An error at this path.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// The path followed by the message.
  public var description: String { path.isEmpty ? message : "\(path) \(message)" }
}
