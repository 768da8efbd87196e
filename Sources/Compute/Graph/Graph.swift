/// A traced network: every operation in execution order, with every shape known.
///
/// Immutable once built (see ``GraphBuilder``). A training graph holds the forward nodes, the loss
/// and the backward nodes in one list, so that an engine plans memory over the whole step.
public struct Graph: Sendable {
  /// The nodes in execution order.
  public let nodes: [Node]
  /// The symbols a caller fills before a run, by name.
  public let inputs: [String: Symbol]
  /// The symbols a caller may read after a run, by name.
  public let outputs: [String: Symbol]
  /// The parameters, in the order they were first used.
  public let parameters: ParameterTable
  /// The symbol that stands for each parameter, in the table's order.
  public let parameterSymbols: [Symbol]
  /// What a run leaves in the gradient arena for each parameter, in the table's order.
  ///
  /// For a weight, the gradient of the loss; for a running statistic, the value observed in this
  /// run. nil where the run leaves nothing: the engine then keeps the slice at zero.
  public let gradients: [Symbol?]
  /// The number of symbols.
  public let symbolCount: Int

  /// Multiply-add operations of one run.
  public var multiplyAdds: Int {
    nodes.reduce(0) { $0 + $1.operation.multiplyAdds(for: $1) }
  }
}
