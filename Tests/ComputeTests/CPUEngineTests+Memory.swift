import CMalloc
import Compute
import ComputeTestSupport
import Testing

extension CPUEngineTests {
  /// The rows that hold many values at once.
  static let networks = OpCase.catalogue.filter { $0.name.hasPrefix("network") }

  @Test("says beforehand what a plan will occupy", arguments: networks, Precision.tested)
  func estimates(_ row: OpCase, _ precision: Precision) throws {
    let engine = try CPUEngine(threads: 2)
    let graph = try row.graph(differentiated: true)
    let estimate = try engine.estimateMemory(of: graph, precision: precision)
    let run = try EngineRun(graph, row.values(for: graph), on: engine, precision: precision)
    #expect(estimate == run.plan.memory)
    #expect(estimate.arena > 0)
    #expect(estimate.arena < estimate.unshared)
  }

  /// An inference graph keeps no activation for a backward pass.
  @Test("needs less memory without a backward pass", arguments: networks)
  func inferenceMemory(_ row: OpCase) throws {
    let engine = try CPUEngine(threads: 2)
    let forward = try engine.estimateMemory(of: row.graph(), precision: .float32)
    let both = try engine.estimateMemory(of: row.graph(differentiated: true), precision: .float32)
    #expect(forward.arena < both.arena)
  }

  @Test("keeps nothing on the heap that a run has allocated", arguments: networks)
  func allocations(_ row: OpCase) throws {
    let graph = try row.graph(differentiated: true)
    let run = try EngineRun(graph, row.values(for: graph), on: CPUEngine(threads: 2))
    for _ in 0..<3 { run.run() }
    // Other suites of the process allocate meanwhile, so one quiet trial is enough: a plan that
    // keeps something has none.
    let growths = (0..<20).map { _ in
      let before = Int(cmalloc_bytes_in_use())
      for _ in 0..<10 { run.plan.run(key: RunKey()) }
      return Int(cmalloc_bytes_in_use()) - before
    }
    #expect(growths.contains { $0 <= 0 }, "\(growths) bytes in ten runs each")
  }

  @Test("reads one store in two plans: training and inference see an update at once")
  func sharedStore() throws {
    let engine = try CPUEngine(threads: 2)
    let row = try #require(
      OpCase.catalogue.first { $0.name == "convolution: 3D 16 to 32, no bias" })
    let training = try row.graph(differentiated: true)
    let inference = try row.graph()
    let values = row.values(for: training)
    let first = try EngineRun(training, values, on: engine).run()
    let second = try EngineRun(inference, values, on: engine, sharing: first.store).run()
    #expect(bits(second.output("y")) == bits(first.output("y")))

    let before = first.output("y")
    first.store.update { arena, _ in
      for index in arena.indices { arena[index] *= 2 }
    }
    // Both the map and the weight have doubled, and powers of two are exact.
    for run in [first, second] {
      #expect(bits(run.run().output("y")) == bits(before.map { 4 * $0 }))
    }
  }

  @Test("refuses the parameters of another network")
  func foreignStore() throws {
    let engine = try CPUEngine(threads: 1)
    let graphs = try OpCase.catalogue.prefix(2).map { try $0.graph() }
    let store = engine.makeParameterStore(for: graphs[0].parameters)
    #expect(throws: EngineError.self) {
      try engine.compile(graphs[1], parameters: store, precision: .float32)
    }
  }

  @Test("leaves zero where a weight does not reach the loss")
  func unusedParameter() throws {
    let row = OpCase("unused") { tracer in
      _ = try tracer.parameter("unused", [5])
      let x = try tracer.data(channels: 3, [4, 3])
      return try tracer.graph.activate(x, .tanh)
    }
    let graph = try row.graph(differentiated: true)
    let run = try EngineRun(graph, row.values(for: graph), on: CPUEngine(threads: 1))
    run.store.update { _, gradients in
      for index in gradients.indices { gradients[index] = 7 }
    }
    let index = try #require(graph.parameters.index(of: "unused"))
    #expect(run.run().gradients[index] == [0, 0, 0, 0, 0])
  }
}
