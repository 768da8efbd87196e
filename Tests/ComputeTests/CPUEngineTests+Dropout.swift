import Compute
import ComputeTestSupport
import Testing

extension CPUEngineTests {
  /// Dropout of ones, so that the output is the mask; two layers, whose masks must differ.
  private func masks(
    rate: Float, wholeChannels: Bool, key: RunKey, threads: Int = 2, precision: Precision = .float32
  ) throws -> (first: [Float], second: [Float]) {
    var builder = GraphBuilder(mode: .training)
    let x = try builder.activation(builder.input("x", [4, 32, 8, 8], .dense))
    for name in ["first", "second"] {
      let y = try builder.scope(name) {
        try $0.dropout(x, rate: rate, wholeChannels: wholeChannels)
      }
      try builder.output(name, y)
    }
    let graph = builder.finish()
    let engine = try CPUEngine(threads: threads)
    let store = engine.makeParameterStore(for: graph.parameters)
    let plan = try engine.compile(graph, parameters: store, precision: precision)
    let ones = [Float](repeating: 1, count: 4 * 32 * 64)
    plan.write(ones.span, to: "x")
    plan.run(key: key)
    func read(_ name: String) -> [Float] {
      var values = ones
      var span = values.mutableSpan
      plan.read(name, into: &span)
      return values
    }
    return (read("first"), read("second"))
  }

  /// A binomial count's standard deviation is sqrt(n p (1 - p)); five of them are allowed.
  @Test("drops elements at the given rate and scales the rest", arguments: [Float(0.1), 0.5, 0.75])
  func dropout(rate: Float) throws {
    let mask = try masks(rate: rate, wholeChannels: false, key: RunKey(seed: 1)).first
    let kept = 1 / (1 - rate)
    #expect(mask.allSatisfy { $0 == 0 || abs($0 - kept) < 1e-6 })
    let (n, p) = (Double(mask.count), Double(rate))
    let dropped = Double(mask.count { $0 == 0 })
    #expect(abs(dropped - n * p) < 5 * (n * p * (1 - p)).squareRoot())
  }

  @Test("drops whole channels of single samples")
  func spatialDropout() throws {
    let mask = try masks(rate: 0.5, wholeChannels: true, key: RunKey(seed: 1)).first
    let maps = stride(from: 0, to: mask.count, by: 64).map { Set(mask[$0..<($0 + 64)]) }
    #expect(maps.allSatisfy { $0 == [0] || $0 == [2] })
    // 128 coins: five standard deviations are 28.
    #expect((36...92).contains(maps.count { $0 == [0] }))
  }

  @Test("draws masks named by the run's key and the layer", arguments: [false, true])
  func keys(wholeChannels: Bool) throws {
    func draw(_ key: RunKey, threads: Int = 2) throws -> (first: [Float], second: [Float]) {
      try masks(rate: 0.5, wholeChannels: wholeChannels, key: key, threads: threads)
    }
    let key = RunKey(seed: 3, coordinates: [7, 2])
    let drawn = try draw(key)
    #expect(try draw(key).first == drawn.first)
    #expect(try draw(key, threads: 1).first == drawn.first)
    #expect(drawn.first != drawn.second)
    for other in [
      RunKey(seed: 4, coordinates: [7, 2]), RunKey(seed: 3, coordinates: [7, 3]),
      RunKey(seed: 3, coordinates: [2, 7]),
    ] {
      #expect(try draw(other).first != drawn.first)
    }
  }

  @Test("drops the same elements backward", arguments: [false, true], Precision.tested)
  func dropoutGradient(wholeChannels: Bool, precision: Precision) throws {
    let row = OpCase("dropout") { tracer in
      let x = try tracer.data(channels: 16, [4, 3], in: 1..<2)
      return try tracer.graph.dropout(x, rate: 0.5, wholeChannels: wholeChannels)
    }
    let graph = try row.graph(differentiated: true)
    let values = row.values(for: graph)
    let run = try EngineRun(graph, values, on: CPUEngine(threads: 2), precision: precision)
    let (y, gradient) = (run.run(key: RunKey(seed: 5)).output("y"), run.gradients[0])
    let count = Float(y.count)
    // The loss is the mean of cotangent times mask times x.
    for index in y.indices {
      let mask: Float = y[index] == 0 ? 0 : 2
      #expect(
        abs(gradient[index] - mask * values.cotangent[index] / count)
          <= (precision == .float32 ? 1e-6 : 1e-2) / count)
    }
    #expect(y.contains(0) && y.contains { $0 > 1 })
  }
}
