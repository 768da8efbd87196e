public import Compute

/// A graph that an engine has compiled, filled with a case's numbers.
public final class EngineRun {
  /// The graph that runs.
  public let graph: Graph
  /// What the engine compiled.
  public let plan: any Plan
  /// The parameters it reads, and the gradients it leaves.
  public let store: any ParameterStore
  private let values: CaseValues

  /// Compiles `graph`, and writes the parameters of `values` into its store.
  ///
  /// - Parameters:
  ///   - graph: what to run.
  ///   - values: the parameters, cotangent and labels.
  ///   - engine: what to run it on.
  ///   - precision: how activations are kept.
  ///   - store: a store to share; one of its own where nil.
  /// - Throws: what the engine throws where it cannot run the graph.
  public init(
    _ graph: Graph, _ values: CaseValues, on engine: any Engine, precision: Precision = .float32,
    sharing store: (any ParameterStore)? = nil
  ) throws {
    self.graph = graph
    self.values = values
    self.store = store ?? engine.makeParameterStore(for: graph.parameters)
    self.store.update { arena, _ in
      for (entry, elements) in zip(graph.parameters.entries, values.parameters) {
        for (index, element) in zip(entry.range, elements) { arena[index] = element }
      }
    }
    plan = try engine.compile(graph, parameters: self.store, precision: precision)
  }

  /// Fills the inputs, which a run may overwrite, and runs the plan once.
  @discardableResult
  public func run(key: RunKey = RunKey()) -> EngineRun {
    writeInputs()
    plan.run(key: key)
    return self
  }

  /// Fills the inputs and runs the plan once, which lends its gradients to `during`.
  public func run(
    key: RunKey = RunKey(), during: (_ gradients: Span<Float>, _ known: Range<Int>) -> Void
  ) {
    writeInputs()
    plan.run(key: key, during: during)
  }

  private func writeInputs() {
    let (cotangent, labels) = (values.cotangent, values.labels ?? [])
    if graph.inputs["cotangent"] != nil { plan.write(cotangent.span, to: "cotangent") }
    if graph.inputs["labels"] != nil { plan.write(labels.span, to: "labels") }
  }

  /// The elements of an output.
  public func output(_ name: String) -> [Float] {
    var values = [Float](repeating: .nan, count: graph.outputs[name]?.shape.count ?? 0)
    var span = values.mutableSpan
    plan.read(name, into: &span)
    return values
  }

  /// All outputs by name.
  public var outputs: [String: [Float]] {
    Dictionary(uniqueKeysWithValues: graph.outputs.keys.map { ($0, output($0)) })
  }

  /// The whole gradient arena, padding included.
  public var gradientArena: [Float] {
    store.withGradients { gradients in gradients.indices.map { gradients[$0] } }
  }

  /// The gradient or observation of each parameter, in the table's order.
  public var gradients: [[Float]] {
    let arena = gradientArena
    return graph.parameters.entries.map { Array(arena[$0.range]) }
  }
}
