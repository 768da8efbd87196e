import Compute
import ComputeTestSupport
import Testing

@Suite("The reference evaluator")
struct ReferenceTests {
  @Test("agrees with PyTorch", arguments: Golden.all)
  func golden(_ golden: Golden) throws {
    var builder = GraphBuilder(mode: golden.mode)
    let labels = builder.input("labels", [2, 2, 2], .labels)
    try builder.output("y", golden.trace(&builder, labels))
    let graph = builder.finish()
    let result = try ReferenceEvaluator.run(
      graph, labels: ["labels": (0..<8).map { UInt8($0 * 2 % 3) }],
      parameters: initialValues(of: graph))
    let y = try #require(result.outputs["y"]).values
    try #require(y.count == golden.expected.count)
    // The literals have nine digits; constants of the operations (1e-5, selu's) are float32.
    for (index, (value, expected)) in zip(y, golden.expected).enumerated() {
      #expect(abs(value - expected) < 2e-7 * max(1, abs(expected)), "element \(index)")
    }
  }

  /// torch.nn.BatchNorm2d(3, momentum=1) leaves these in running_mean and running_var for
  /// `ramp(5, 2, 3, 2, 2)`.
  @Test("observes the mean and the unbiased variance of a batch")
  func observations() throws {
    var builder = GraphBuilder(mode: .training)
    let y = try builder.batchNormalization(
      builder.ramp(5, [2, 3, 2, 2]), scale: builder.ramp(4, [3]), shift: builder.ramp(3, [3]),
      runningMean: builder.statistic(6, [3]), runningVariance: builder.statistic(9, [3]),
      epsilon: 1e-5)
    try builder.output("y", y)
    let graph = builder.finish()
    let result = try ReferenceEvaluator.run(graph, parameters: initialValues(of: graph))
    let observed = result.observations.compactMap { $0?.values }
    try #require(observed.count == 2)
    for (value, expected) in zip(observed.joined(), Self.observed) {
      #expect(abs(value - expected) < 1e-7)
    }
  }

  private static let observed: [Double] = [-0.25, 0.28125, 0, 1.05357143, 0.864955357, 1.05357143]

  /// After `bn = torch.nn.BatchNorm2d(3, momentum=0.25)`, `bn.running_mean[:] = ramp(6, 3)`,
  /// `bn.running_var[:] = ramp(9, 3)` and `bn(torch.tanh(bn(bn(ramp(5, 2, 3, 2, 2)))))`, bn's weight
  /// being 1 and its bias 0.
  @Test("moves statistics that are shared toward each observation in turn")
  func sharedObservations() throws {
    var builder = GraphBuilder(mode: .training)
    let shift = try builder.parameter("zero", [3], .bias, initializer: ConstantInitializer(0))
    var x = try builder.ramp(5, [2, 3, 2, 2])
    for step in 0..<3 {
      if step == 2 { x = try builder.activate(x, .tanh) }
      x = try builder.batchNormalization(
        x, scale: nil, shift: shift, runningMean: builder.statistic(6, [3]),
        runningVariance: builder.statistic(9, [3]), epsilon: 1e-5)
    }
    let graph = builder.finish()
    let start = initialValues(of: graph)
    let result = try ReferenceEvaluator.run(graph, parameters: start)
    var moved: [Double] = []
    for (index, entry) in graph.parameters.entries.enumerated() {
      guard case .statistic(let momentum) = entry.role else { continue }
      let observed = try #require(result.observations[index]?.values)
      for (value, seen) in zip(start[index], observed) {
        moved.append((1 - Double(momentum)) * value + Double(momentum) * seen)
      }
    }
    try #require(moved.count == Self.moved.count)
    for (value, expected) in zip(moved, Self.moved) { #expect(abs(value - expected) < 1e-6) }
  }

  private static let moved: [Double] = [
    -0.66796875, 0.0351947741, 0.6328125, -0.133679623, 0.782476444, 0.393664127,
  ]

  /// The expected values are `x.grad` after
  /// `(F.instance_norm(x, weight=ramp(4, 3), bias=ramp(3, 3)) * ramp(11, 2, 3, 2, 2)).mean()
  /// .backward()` with `x = ramp(5, 2, 3, 2, 2)`.
  @Test("gives PyTorch's gradient by central differences")
  func differences() throws {
    var builder = GraphBuilder(mode: .training)
    let x = try builder.ramp(5, [2, 3, 2, 2])
    let y = try builder.instanceNormalization(
      x, scale: builder.ramp(4, [3]), shift: builder.ramp(3, [3]), epsilon: 1e-5)
    let weighted = try builder.multiply(builder.dense(y), builder.ramp(11, [2, 3, 2, 2]))
    try builder.output("loss", builder.mean(weighted))
    let graph = builder.finish()
    let differences = FiniteDifferences(of: graph.parameters) { parameters in
      try ReferenceEvaluator.run(graph, parameters: parameters).outputs["loss"]?.values[0] ?? .nan
    }
    let samples = try differences.samples(at: initialValues(of: graph), evaluations: 10_000)
    let gradient: [Float] = Self.gradient
    let ofX = samples.filter { $0.parameter == 0 }
    #expect(ofX.count == 2 + gradient.count)
    for sample in ofX {
      let expected = sample.derivative(accordingTo: gradient)
      #expect(abs(sample.derivative - expected) < 1e-7, "\(sample.name)")
    }
  }

  private static let gradient: [Float] = [
    0.0570161778, -0.0608167043, 0.0370592735, -0.033258747, -0.00136603173, 0.0286876751,
    0.0177594213, -0.0450810646, 0.0120366691, 0.0063350529, 0.000633436677, -0.0190051587,
    0.0807717841, 0.0332597294, -0.0988268813, -0.0152046322, -0.0120366691, -0.0063350529,
    -0.000633436677, 0.0190051587, 0.0190051587, -0.000633436677, -0.0063350529, -0.0120366691,
  ]

  /// These appear in backward passes only, whence they are taken here.
  @Test("fills, repeats and slices")
  func backwardHelpers() throws {
    var builder = GraphBuilder(mode: .training)
    let both = try builder.concatenate([builder.ramp(5, [1, 2, 2]), builder.ramp(7, [1, 1, 2])])
    let total = try builder.reshape(builder.sum(both, axes: [1, 2]), [1])
    let graph = try builder.finish(differentiating: total)
    let operations = graph.nodes.map(\.operation)

    let fill = try #require(operations.first { $0 is Fill })
    #expect(try ReferenceEvaluator.apply(fill, []) == [ReferenceTensor([1], [1])])

    let broadcast = try #require(operations.first { $0 is Broadcast })
    let one = ReferenceTensor([1, 1, 1], [7])
    #expect(
      try ReferenceEvaluator.apply(broadcast, [one])
        == [ReferenceTensor([1, 3, 2], [7, 7, 7, 7, 7, 7])])

    let maps = ReferenceTensor([1, 3, 2], [1, 2, 3, 4, 5, 6])
    let slices = try operations.filter { $0 is ChannelSlice }.flatMap {
      try ReferenceEvaluator.apply($0, [maps])
    }
    #expect(
      slices == [ReferenceTensor([1, 2, 2], [1, 2, 3, 4]), ReferenceTensor([1, 1, 2], [5, 6])])
  }

  @Test("refuses an operation that it does not know")
  func unknown() throws {
    var builder = GraphBuilder(mode: .training)
    let y = try builder.softmax(builder.ramp(5, [1, 2, 2]))
    let loss = try builder.mean(y)
    let graph = try builder.finish(differentiating: loss)
    #expect(throws: ReferenceError.self) {
      try ReferenceEvaluator.run(graph, parameters: initialValues(of: graph))
    }
  }

  private func initialValues(of graph: Graph) -> [[Double]] {
    var arena = [Float](repeating: 0, count: graph.parameters.elementCount)
    var span = arena.mutableSpan
    graph.parameters.initialize(&span, seed: 0)
    return graph.parameters.entries.map { arena[$0.range].map(Double.init) }
  }
}
