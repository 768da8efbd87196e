import Compute
import ComputeTestSupport
import Testing

extension CPUEngineTests {
  /// Noise of deviation 0.5 on zeros, so that the output is the noise; two layers.
  private func noise(
    key: RunKey, threads: Int = 2
  ) throws -> (first: [Float], second: [Float]) {
    var builder = GraphBuilder(mode: .training)
    let x = builder.input("x", [2, 3, 60, 50], .dense)
    for name in ["first", "second"] {
      try builder.output(name, builder.scope(name) { try $0.gaussianNoise(x, deviation: 0.5) })
    }
    let graph = builder.finish()
    let engine = try CPUEngine(threads: threads)
    let store = engine.makeParameterStore(for: graph.parameters)
    let plan = try engine.compile(graph, parameters: store, precision: .float32)
    let zeros = [Float](repeating: 0, count: 18_000)
    plan.write(zeros.span, to: "x")
    plan.run(key: key)
    func read(_ name: String) -> [Float] {
      var values = zeros
      var span = values.mutableSpan
      plan.read(name, into: &span)
      return values
    }
    return (read("first"), read("second"))
  }

  /// The moments of n draws from the normal distribution deviate by 1 / √n, √(2 / n) and √(96 / n)
  /// of the standard deviation's powers; five times that is allowed.
  @Test("adds noise whose moments are the normal distribution's")
  func noiseMoments() throws {
    let draws = try noise(key: RunKey(seed: 1)).first.map { Double($0) / 0.5 }
    let n = Double(draws.count)
    func moment(_ power: Int) -> Double {
      draws.reduce(0) { sum, x in sum + (0..<power).reduce(1) { y, _ in y * x } } / n
    }
    #expect(abs(moment(1)) < 5 / n.squareRoot())
    #expect(abs(moment(2) - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(moment(4) - 3) < 5 * (96 / n).squareRoot())
    // Blocks of 4096 elements have streams of their own: none repeats another.
    #expect(Set(draws.prefix(4096)).isDisjoint(with: Set(draws.dropFirst(4096).prefix(64))))
  }

  @Test("draws noise named by the run's key and the layer, whatever the number of threads")
  func noiseKeys() throws {
    let key = RunKey(seed: 3, coordinates: [7, 2])
    let drawn = try noise(key: key)
    #expect(try noise(key: key).first == drawn.first)
    #expect(try noise(key: key, threads: 1).first == drawn.first)
    #expect(drawn.first != drawn.second)
    #expect(try noise(key: RunKey(seed: 4, coordinates: [7, 2])).first != drawn.first)
    #expect(try noise(key: RunKey(seed: 3, coordinates: [7, 3])).first != drawn.first)
  }

  @Test("hands gradients through noise unchanged, and adds none at inference")
  func noiseGradient() throws {
    let row = OpCase("noise") { tracer in
      try tracer.graph.gaussianNoise(tracer.denseData(channels: 3, [4, 5]), deviation: 2)
    }
    let graph = try row.graph(differentiated: true)
    let values = row.values(for: graph)
    let run = try EngineRun(graph, values, on: CPUEngine(threads: 2)).run(key: RunKey(seed: 5))
    let count = Float(values.cotangent.count)
    for (gradient, cotangent) in zip(run.gradients[0], values.cotangent) {
      #expect(abs(gradient - cotangent / count) <= 1e-6 / count)
    }
    #expect(run.output("y") != values.parameters[0])
    var builder = GraphBuilder(mode: .inference)
    let x = builder.input("x", [1, 2, 3], .dense)
    #expect(try builder.gaussianNoise(x, deviation: 0.5) == x)
  }
}
