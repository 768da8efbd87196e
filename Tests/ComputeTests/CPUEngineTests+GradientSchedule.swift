import Compute
import ComputeTestSupport
import Testing

extension CPUEngineTests {
  static let differentiable = OpCase.catalogue.filter(\.isDifferentiable)

  @Test(
    "lends every gradient once, when it is what it stays, without changing a bit",
    arguments: differentiable)
  func lendsGradients(_ row: OpCase) throws {
    let graph = try row.graph(differentiated: true)
    let values = row.values(for: graph)
    let engine = try CPUEngine(threads: 1)
    let whole = try EngineRun(graph, values, on: engine).run().gradientArena
    let run = try EngineRun(graph, values, on: engine)
    var lent = [Float](repeating: .nan, count: whole.count)
    var times = [Int](repeating: 0, count: whole.count)
    var calls = 0
    run.run { gradients, known in
      calls += 1
      for index in known {
        lent[index] = gradients[index]
        times[index] += 1
      }
    }
    #expect(times.allSatisfy { $0 == 1 })
    #expect(lent.map(\.bitPattern) == whole.map(\.bitPattern))
    #expect(run.gradientArena.map(\.bitPattern) == whole.map(\.bitPattern))
    #expect(calls > 1)
  }
}
