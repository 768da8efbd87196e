import Compute
import CounterRandom
import Nets
import Testing

/// A table of a weight, a bias and a statistic: 20 + 17 elements are trained.
private func makeTable() throws -> ParameterTable {
  var g = GraphBuilder(mode: .training)
  let zero = ConstantInitializer(0)
  _ = try g.parameter("a.weight", [20], .weight, initializer: zero)
  _ = try g.parameter("a.running_mean", [3], .statistic(momentum: 0.25), initializer: zero)
  _ = try g.parameter("b.bias", [17], .bias, initializer: zero)
  return g.finish().parameters
}

/// The arena that holds the first 20 of 37 numbers in the weight and the rest in the bias.
private func arena(_ numbers: some Collection<Float>, statistic: Float, _ table: ParameterTable)
  -> [Float]
{
  var result = [Float](repeating: 0, count: table.elementCount)
  let numbers = Array(numbers)
  for i in 0..<20 { result[table[0].offset + i] = numbers[i] }
  for i in 0..<3 { result[table[1].offset + i] = statistic }
  for i in 0..<17 { result[table[2].offset + i] = numbers[20 + i] }
  return result
}

private func trained(_ arena: [Float], _ table: ParameterTable) -> [Float] {
  Array(arena[table[0].range]) + Array(arena[table[2].range])
}

@Suite("Optimizers")
struct OptimizerTests {
  static let cases: [(String, any OptimizerConfiguration)] = {
    var plain = SGDOptimizer()
    (plain.learningRate, plain.momentum, plain.weightDecay) = (0.1, 0, 0.01)
    var momentum = plain
    momentum.momentum = 0.9
    var nesterov = plain
    (nesterov.momentum, nesterov.nesterov) = (0.99, true)
    var adam = AdamOptimizer()
    adam.learningRate = 0.01
    var decay = adam
    (decay.beta1, decay.beta2, decay.epsilon, decay.weightDecay) = (0.8, 0.99, 1e-6, 0.1)
    var adamw = AdamWOptimizer()
    (adamw.learningRate, adamw.weightDecay) = (0.01, 0.1)
    return [
      ("sgdPlain", plain), ("sgdMomentum", momentum), ("sgdNesterov", nesterov), ("adam", adam),
      ("adamDecay", decay), ("adamw", adamw),
    ]
  }()

  /// Cases of another file of fixtures.
  static let protocolCases: [(String, any OptimizerConfiguration)] = {
    var plain = RMSpropOptimizer()
    plain.learningRate = 0.01
    var momentum = plain
    (momentum.alpha, momentum.epsilon, momentum.momentum, momentum.weightDecay) = (
      0.9, 1e-6, 0.9, 0.1
    )
    var desai = AdamOptimizer()
    (desai.learningRate, desai.beta1, desai.beta2) = (0.02, 0.99, 0.995)
    return [("rmsprop", plain), ("rmspropMomentum", momentum), ("adamDesai", desai)]
  }()

  @Test("ten steps end where PyTorch's do", arguments: cases + protocolCases)
  func matchesPyTorch(name: String, optimizer: any OptimizerConfiguration) throws {
    let fixture = try Fixture.load(
      Self.protocolCases.contains { $0.0 == name } ? "protocol_optimizers" : "optimizers")
    let table = try makeTable()
    var values = arena(try fixture.floats("start"), statistic: 8, table)
    let gradients = try fixture.floats("gradients")
    var state = OptimizerState(for: optimizer, table: table)
    for step in 0..<10 {
      let observed = arena(gradients[(37 * step)..<(37 * step + 37)], statistic: 4, table)
      var span = values.mutableSpan
      optimizer.step(
        values: &span, gradients: observed.span, state: &state, table: table,
        learningRate: optimizer.learningRate, step: step + 1)
    }
    #expect(
      relativeError(trained(values, table), try fixture.floats("result/\(name)")) < 1e-6)
    // The statistic went from 8 to 4 by a quarter of the way ten times, whatever the optimizer.
    let expected = Float(4 + 4 * 0.056_313_514_709_472_66)  // 0.75 ** 10
    #expect(values[table[1].range].allSatisfy { abs($0 - expected) < 1e-6 })
    // Padding stays zero.
    #expect(values[table[0].range.upperBound..<table[1].offset].allSatisfy { $0 == 0 })
  }

  @Test("weight decay spares biases where it is told to")
  func decayByRole() throws {
    let table = try makeTable()
    var optimizer = SGDOptimizer()
    (optimizer.learningRate, optimizer.momentum, optimizer.weightDecay) = (0.5, 0, 0.5)
    for decayAll in [true, false] {
      optimizer.decayNormAndBias = decayAll
      var values = [Float](repeating: 1, count: table.elementCount)
      let gradients = [Float](repeating: 0, count: table.elementCount)
      var state = OptimizerState(for: optimizer, table: table)
      var span = values.mutableSpan
      optimizer.step(
        values: &span, gradients: gradients.span, state: &state, table: table,
        learningRate: 0.5, step: 1)
      #expect(values[table[0].offset] == 0.75)
      #expect(values[table[2].offset] == (decayAll ? 0.75 : 1))
    }
  }

  @Test(
    "state that was saved and loaded continues bit for bit", arguments: cases + protocolCases)
  func stateRoundTrips(name: String, optimizer: any OptimizerConfiguration) throws {
    let fixture = try Fixture.load("optimizers")
    let table = try makeTable()
    let gradients = try fixture.floats("gradients")
    func run(_ steps: Range<Int>, _ values: inout [Float], _ state: inout OptimizerState) {
      for step in steps {
        let observed = arena(gradients[(37 * step)..<(37 * step + 37)], statistic: 1, table)
        var span = values.mutableSpan
        optimizer.step(
          values: &span, gradients: observed.span, state: &state, table: table,
          learningRate: optimizer.learningRate, step: step + 1)
      }
    }
    var values = arena(try fixture.floats("start"), statistic: 0, table)
    var state = OptimizerState(for: optimizer, table: table)
    run(0..<5, &values, &state)
    var file = Safetensors()
    for (index, arenaName) in state.names.enumerated() {
      file.tensors.merge(
        table.tensors(of: state[index].span, prefix: arenaName + "/"), uniquingKeysWith: { $1 })
    }
    let read = try Safetensors(reading: file.fileContents())
    var resumed = OptimizerState(for: optimizer, table: table)
    for (index, arenaName) in resumed.names.enumerated() {
      var arena = resumed[index]
      var span = arena.mutableSpan
      try table.load(read, prefix: arenaName + "/", into: &span)
      resumed[index] = arena
    }
    var resumedValues = values
    run(5..<10, &values, &state)
    run(5..<10, &resumedValues, &resumed)
    #expect(values.map(\.bitPattern) == resumedValues.map(\.bitPattern))
  }
}

@Suite("Gradients")
struct GradientTests {
  /// Clips in place.
  private func clip(
    _ gradients: inout [Float], _ table: ParameterTable, _ maximumNorm: Double?
  ) throws -> Double {
    var span = gradients.mutableSpan
    return try Gradients.clip(&span, table: table, maximumNorm: maximumNorm)
  }

  @Test("norm and clipping are PyTorch's, and statistics are left alone")
  func clips() throws {
    let fixture = try Fixture.load("optimizers")
    let table = try makeTable()
    let first = try fixture.floats("gradients").prefix(37).map { 10 * $0 }
    var gradients = arena(first, statistic: 1000, table)
    let norm = try clip(&gradients, table, 1)
    #expect(abs(norm / Double(try fixture.floats("norm")[0]) - 1) < 1e-6)
    #expect(relativeError(trained(gradients, table), try fixture.floats("clipped")) < 1e-6)
    #expect(gradients[table[1].offset] == 1000)
    let before = gradients
    #expect(try clip(&gradients, table, 2) <= 1.000_001)
    #expect(gradients == before)
  }

  @Test(
    "a long arena's norm has the closed form, whatever the block it ends in",
    arguments: [1, 7, 8, 4095, 4096, 4097, 100_003])
  func normOfManyElements(count: Int) throws {
    var g = GraphBuilder(mode: .training)
    _ = try g.parameter("w", [count], .weight, initializer: ConstantInitializer(0))
    let table = g.finish().parameters
    var gradients = [Float](repeating: 0, count: table.elementCount)
    for i in 0..<count { gradients[i] = Float(i % 1000) }
    // Sum of squares of integers: exact in double precision.
    let whole = count / 1000
    let rest = count % 1000
    let squares = { (n: Int) in n * (n + 1) * (2 * n + 1) / 6 }
    let sum = whole * squares(999) + (rest > 0 ? squares(rest - 1) : 0)
    #expect(Gradients.norm(gradients.span, table: table) == Double(sum).squareRoot())
  }

  @Test("a gradient that is not finite is reported by name", arguments: [Float.nan, .infinity])
  func reportsNonFinite(value: Float) throws {
    let table = try makeTable()
    var gradients = arena([Float](repeating: 1, count: 37), statistic: .nan, table)
    #expect(try clip(&gradients, table, nil) == 37.0.squareRoot())
    gradients[table[2].offset + 5] = value
    let error = #expect(throws: NonFiniteGradient.self) {
      try clip(&gradients, table, nil)
    }
    #expect(error?.parameter == "b.bias" && error?.element == 5)
  }
}
