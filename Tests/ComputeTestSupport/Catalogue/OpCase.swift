public import Compute
import CounterRandom

/// One operation, or a few of them, at one geometry: a row of the catalogue that every engine is
/// compared with the reference on.
public struct OpCase: Sendable, CustomStringConvertible {
  /// What is special about it; unique in the catalogue.
  public let name: String
  /// The number of samples.
  public let batch: Int
  /// Training or inference.
  public let mode: GraphBuilder.Mode
  /// Whether each sample's output depends on that sample alone and has the batch as first axis.
  public let samplesAreIndependent: Bool
  /// Whether the loss has a gradient; running statistics at inference have none.
  public let isDifferentiable: Bool
  /// The number of classes that labels are drawn from.
  public let classes: UInt8
  private let trace: @Sendable (inout CaseTracer) throws -> Symbol

  /// A row; `trace` returns the result that is compared.
  public init(
    _ name: String, batch: Int = 2, mode: GraphBuilder.Mode = .training,
    samplesAreIndependent: Bool = true, isDifferentiable: Bool = true, classes: UInt8 = 1,
    trace: @escaping @Sendable (inout CaseTracer) throws -> Symbol
  ) {
    self.name = name
    self.batch = batch
    self.mode = mode
    self.samplesAreIndependent = samplesAreIndependent
    self.isDifferentiable = isDifferentiable
    self.classes = classes
    self.trace = trace
  }

  /// The name, which test reports show.
  public var description: String { name }

  /// The graph with the outputs `y` and `loss` = mean of y times the input `cotangent`, and what
  /// else the case outputs.
  ///
  /// - Parameters:
  ///   - batch: the number of samples; the case's own where nil.
  ///   - differentiated: whether the backward pass follows.
  /// - Returns: the traced graph.
  /// - Throws: ``GraphError`` where the case does not fit together or has no gradient.
  public func graph(batch: Int? = nil, differentiated: Bool = false) throws -> Graph {
    var tracer = CaseTracer(graph: GraphBuilder(mode: mode), batch: batch ?? self.batch)
    let y = try trace(&tracer)
    try tracer.graph.output("y", y)
    let cotangent = tracer.graph.input("cotangent", y.shape, .dense)
    let dense = try tracer.graph.dense(y)
    let loss = try tracer.graph.mean(tracer.graph.multiply(dense, cotangent))
    try tracer.graph.output("loss", loss)
    return differentiated ? try tracer.graph.finish(differentiating: loss) : tracer.graph.finish()
  }

  /// What the case is run on: a function of its name alone.
  public func values(for graph: Graph) -> CaseValues {
    var arena = Array<Float>(repeating: 0, count: graph.parameters.elementCount)
    var span = arena.mutableSpan
    graph.parameters.initialize(&span, seed: 1)
    var stream = RandomStream(seed: 1, "case:" + name)
    let labels = graph.inputs["labels"].map { symbol in
      (0..<symbol.shape.count).map { _ in UInt8(stream.integer(below: Int(classes))) }
    }
    let cotangent = graph.inputs["cotangent"].map { symbol in
      (0..<symbol.shape.count).map { _ in stream.uniform(in: -1..<1) }
    }
    return CaseValues(
      parameters: graph.parameters.entries.map { Array(arena[$0.range]) },
      cotangent: cotangent ?? [], labels: labels)
  }

  /// Every row: the files in this folder add theirs.
  public static let catalogue: [OpCase] =
    convolutions + transposedConvolutions + poolings + indexedPoolings + normalizations
    + activations + arithmetic
    + layouts + concatenations + resamplings + reductions + losses + networks
}

/// The numbers that a case is run on.
public struct CaseValues: Sendable {
  /// Each parameter's values, in the table's order.
  public var parameters: [[Float]]
  /// The weights that make a scalar of the result.
  public var cotangent: [Float]
  /// Class indices, where the case has labels.
  public var labels: [UInt8]?

  /// What the reference leaves with these numbers.
  public func runReference(_ graph: Graph) throws -> ReferenceEvaluator.Result {
    try ReferenceEvaluator.run(
      graph, inputs: inputs, labels: labelInputs,
      parameters: parameters.map { $0.map(Double.init) })
  }

  /// Central differences of the loss with these numbers; about 1.5 million multiply-adds of work,
  /// which a debug build does in a tenth of a second.
  public func differences(of graph: Graph) throws -> [FiniteDifferences.Sample] {
    let differences = FiniteDifferences(of: graph.parameters) { moved in
      let result = try ReferenceEvaluator.run(
        graph, inputs: inputs, labels: labelInputs, parameters: moved)
      guard let loss = result.outputs["loss"] else { throw ReferenceError("there is no loss") }
      return loss.values[0]
    }
    let elements = graph.nodes.reduce(0) { sum, node in
      sum + node.outputs.reduce(0) { $0 + $1.shape.count }
    }
    let work = graph.multiplyAdds + 20 * elements
    return try differences.samples(
      at: parameters.map { $0.map(Double.init) }, evaluations: 1_500_000 / max(1, work))
  }

  /// The numbers of one sample of the batch, for the same case traced with a batch of one.
  public func sample(_ index: Int, of batch: Int, table: ParameterTable) -> CaseValues {
    func part<T>(_ values: [T]) -> [T] {
      let count = values.count / batch
      return Array(values[(index * count)..<((index + 1) * count)])
    }
    var sample = self
    for (place, entry) in table.entries.enumerated()
    where entry.name.hasPrefix(CaseTracer.dataPrefix) {
      sample.parameters[place] = part(parameters[place])
    }
    sample.cotangent = part(cotangent)
    sample.labels = labels.map { part($0) }
    return sample
  }

  private var inputs: [String: [Double]] { ["cotangent": cotangent.map(Double.init)] }
  private var labelInputs: [String: [UInt8]] { labels.map { ["labels": $0] } ?? [:] }
}
