import Compute
import ComputeTestSupport
import Testing

@Suite("Graphs")
struct GraphTests {
  /// `x`, a convolution with bias, a batch normalization, a ReLU, and a second convolution that
  /// shares the first one's weight.
  private func network(_ mode: GraphBuilder.Mode) throws -> (builder: GraphBuilder, loss: Symbol) {
    var builder = GraphBuilder(mode: mode)
    func parameter(
      _ builder: inout GraphBuilder, _ name: String, _ shape: Shape, _ role: ParameterTable.Role
    ) throws -> Symbol {
      try builder.parameter(name, shape, role, initializer: ConstantInitializer(1))
    }
    func convolution(_ builder: inout GraphBuilder, _ x: Symbol) throws -> Symbol {
      try builder.scope("conv") { builder in
        try builder.convolution(
          x, weight: parameter(&builder, "weight", [3, 3, 3, 3], .weight),
          bias: parameter(&builder, "bias", [3], .bias), window: .same(kernel: [3, 3]))
      }
    }
    var x = builder.input("image", [2, 3, 5, 4], .dense)
    x = try convolution(&builder, x)
    x = try builder.scope("norm") { builder in
      try builder.batchNormalization(
        x, scale: parameter(&builder, "weight", [3], .scale),
        shift: parameter(&builder, "bias", [3], .bias),
        runningMean: parameter(&builder, "running_mean", [3], .statistic(momentum: 0.1)),
        runningVariance: parameter(&builder, "running_var", [3], .statistic(momentum: 0.1)),
        epsilon: 1e-5)
    }
    x = try builder.activate(x, .relu)
    x = try convolution(&builder, x)
    let loss = try builder.mean(x)
    try builder.output("loss", loss)
    return (builder, loss)
  }

  @Test("list their parameters in the order of first use, in aligned slices")
  func parameters() throws {
    let table = try network(.training).builder.finish().parameters
    #expect(
      table.entries.map(\.name) == [
        "conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean",
        "norm.running_var",
      ])
    #expect(
      table.entries.map(\.range) == [0..<81, 96..<99, 112..<115, 128..<131, 144..<147, 160..<163])
    #expect(table.elementCount == 176)
    #expect(table.trainableCount == 81 + 3 + 3 + 3)
    #expect(table.index(of: "norm.bias") == 3)
    #expect(table.index(of: "norm.missing") == nil)
  }

  @Test("leave a gradient or an observation for every parameter when training")
  func gradients() throws {
    let (builder, loss) = try network(.training)
    let graph = try builder.finish(differentiating: loss)
    for (gradient, entry) in zip(graph.gradients, graph.parameters.entries) {
      #expect(gradient?.shape == entry.shape, "\(entry.name)")
      #expect(gradient?.kind == .dense, "\(entry.name)")
    }
    // The image needs no gradient: three backward-weights less one backward-data.
    let names = graph.nodes.map(\.operation.name)
    #expect(names.count { $0 == "convolutionBackwardWeights" } == 2)
    #expect(names.count { $0 == "convolutionBackwardData" } == 1)
  }

  @Test("leave nothing for any parameter at inference")
  func inference() throws {
    let graph = try network(.inference).builder.finish()
    #expect(graph.gradients.allSatisfy { $0 == nil })
    #expect(graph.nodes.contains { $0.operation.name == "givenNormalization" })
  }

  @Test("count multiply-adds: 27 taps for each of 120 outputs, twice, and again backward")
  func multiplyAdds() throws {
    let (builder, loss) = try network(.training)
    let once = 2 * 3 * 5 * 4 * 27
    #expect(builder.finish().multiplyAdds == 2 * once)
    #expect(try builder.finish(differentiating: loss).multiplyAdds == 5 * once)
  }

  @Test("run nodes after those they read, and know where each stands")
  func order() throws {
    let (builder, loss) = try network(.training)
    let graph = try builder.finish(differentiating: loss)
    var known = Set(graph.inputs.values.map(\.id) + graph.parameterSymbols.map(\.id))
    for node in graph.nodes {
      #expect(node.inputs.allSatisfy { known.contains($0.id) }, "\(node.operation.name)")
      #expect(node.outputs.allSatisfy { known.insert($0.id).inserted }, "\(node.operation.name)")
    }
    #expect(known.count == graph.symbolCount)
    #expect(
      graph.nodes.filter { $0.operation.name.hasPrefix("convolution") }.allSatisfy {
        $0.path == "conv"
      })
  }

  @Test("say which operation on the way to the loss has no gradient")
  func noGradient() throws {
    let (builder, loss) = try network(.inference)
    let error = #expect(throws: GraphError.self) { try builder.finish(differentiating: loss) }
    #expect(
      error?.description
        == "norm normalizes with running statistics, which has no gradient here")
  }

  @Test("drop nothing at inference")
  func dropout() throws {
    var builder = GraphBuilder(mode: .inference)
    let x = builder.input("x", [1, 2, 3], .dense)
    #expect(try builder.dropout(x, rate: 0.5, wholeChannels: false) == x)
    var training = GraphBuilder(mode: .training)
    let y = training.input("x", [1, 2, 3], .dense)
    #expect(try training.dropout(y, rate: 0.5, wholeChannels: false) != y)
    #expect(try training.dropout(y, rate: 0, wholeChannels: false) == y)
  }

  @Test("initialize each parameter from a stream of its own")
  func initialization() throws {
    func values(_ names: [String], seed: UInt64) throws -> [String: [Float]] {
      var builder = GraphBuilder(mode: .training)
      for name in names {
        _ = try builder.parameter(
          name, [5], .weight, initializer: UniformInitializer(range: -1..<1))
      }
      let table = builder.finish().parameters
      var arena = [Float](repeating: .nan, count: table.elementCount)
      var span = arena.mutableSpan
      table.initialize(&span, seed: seed)
      #expect(arena.allSatisfy { $0.isFinite })
      return Dictionary(
        uniqueKeysWithValues: table.entries.map { ($0.name, Array(arena[$0.range])) })
    }
    let two = try values(["a", "b"], seed: 1)
    let three = try values(["c", "b", "a"], seed: 1)
    #expect(two["a"] == three["a"])
    #expect(two["b"] == three["b"])
    #expect(two["a"] != two["b"])
    #expect(try values(["a"], seed: 2)["a"] != two["a"])
  }
}
