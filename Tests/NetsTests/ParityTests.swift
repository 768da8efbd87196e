import Compute
import Nets
import Testing

/// Everything that runs on the engine: its OpenMP team belongs to one thread at a time.
@Suite("Parity with PyTorch on the CPU engine", .serialized)
struct ParityTests {
  static let threads = 2

  /// A compiled training step whose inputs and parameters are a fixture's.
  final class Step {
    let graph: Graph
    let store: any ParameterStore
    let plan: any Plan

    init(_ fixture: Safetensors, precision: Precision = .float32) throws {
      let engine = try CPUEngine(threads: ParityTests.threads)
      graph = try NetworkGraphs.training(
        fixtureNetwork(fixture), loss: DiceCrossEntropyLoss(),
        input: fixture.shape("image"), classes: fixture.shape("logits").channels)
      store = engine.makeParameterStore(for: graph.parameters)
      plan = try engine.compile(graph, parameters: store, precision: precision)
      try load(fixture)
    }

    /// Fills the inputs, which a run may overwrite, and runs.
    func run(_ fixture: Safetensors) throws {
      plan.fill(NetworkGraphs.image, try fixture.floats("image"))
      plan.fill(NetworkGraphs.labels, try fixture.bytes("labels"))
      if graph.inputs[NetworkGraphs.position] != nil {
        plan.fill(NetworkGraphs.position, try fixture.floats("position"))
      }
      plan.run(key: RunKey())
    }

    func load(_ fixture: Safetensors) throws {
      var start = Safetensors()
      for (name, tensor) in fixture.tensors where name.hasPrefix("start/") {
        start.tensors[String(name.dropFirst(6))] = tensor
      }
      let table = graph.parameters
      try store.update { values, _ in try table.load(start, into: &values) }
    }

    func values() -> [Float] {
      store.withValues { span in (0..<span.count).map { span[$0] } }
    }

    func gradients() -> [Float] {
      store.withGradients { span in (0..<span.count).map { span[$0] } }
    }
  }

  @Test(
    "logits, loss and every gradient are PyTorch's within 1e-4", arguments: fixtureNetworks)
  func oneStep(name: String) throws {
    let fixture = try Fixture.load(name)
    let step = try Step(fixture)
    try step.run(fixture)
    let logits = step.plan.floats(
      NetworkGraphs.logits, count: try fixture.shape("logits").count)
    #expect(try relativeError(logits, fixture.floats("logits")) < 1e-4)
    let loss = [step.plan.scalar(NetworkGraphs.loss)]
    #expect(try relativeError(loss, fixture.floats("loss")) < 1e-4)
    let gradients = step.gradients()
    for entry in step.graph.parameters.entries where entry.role.isTrainable {
      let error = try relativeError(
        gradients[entry.range], fixture.floats("gradient/\(entry.name)"))
      #expect(error < 1e-4, "\(entry.name): \(error)")
    }
  }

  static let optimizers: [(String, any OptimizerConfiguration)] = {
    var sgd = SGDOptimizer()
    (sgd.learningRate, sgd.momentum, sgd.nesterov, sgd.weightDecay) = (0.01, 0.9, true, 3e-5)
    return [("adam", AdamOptimizer()), ("sgd", sgd)]
  }()

  @Test(
    "weights and statistics after ten steps are PyTorch's within 1e-4",
    arguments: fixtureNetworks, optimizers)
  func tenSteps(name: String, pair: (String, any OptimizerConfiguration)) throws {
    let (kind, optimizer) = pair
    let fixture = try Fixture.load(name)
    let step = try Step(fixture)
    let table = step.graph.parameters
    var state = OptimizerState(for: optimizer, table: table)
    for number in 1...10 {
      try step.run(fixture)
      step.store.update { values, gradients in
        optimizer.step(
          values: &values, gradients: gradients.span, state: &state, table: table,
          learningRate: optimizer.learningRate, step: number)
      }
    }
    let values = step.values()
    for entry in table.entries {
      let error = try relativeError(values[entry.range], fixture.floats("\(kind)/\(entry.name)"))
      #expect(error < 1e-4, "\(entry.name): \(error)")
    }
  }

  @Test("at inference probabilities are the softmax of PyTorch's logits, where statistics agree")
  func inference() throws {
    // Instance normalization has no running statistics: logits are the training logits.
    let fixture = try Fixture.load("unet3d_instance")
    let network = try fixtureNetwork(fixture)
    let step = try Step(fixture)
    let shape = try fixture.shape("logits")
    let graph = try NetworkGraphs.inference(
      network, input: try fixture.shape("image"), classes: shape.channels)
    let engine = try CPUEngine(threads: Self.threads)
    let plan = try engine.compile(graph, parameters: step.store, precision: .float32)
    plan.fill(NetworkGraphs.image, try fixture.floats("image"))
    plan.run(key: RunKey())
    let probabilities = plan.floats(NetworkGraphs.probabilities, count: shape.count)
    let expected = softmax(try fixture.floats("logits"), shape)
    #expect(relativeError(probabilities, expected) < 1e-4)
  }

  private func softmax(_ logits: [Float], _ shape: Shape) -> [Float] {
    let voxels = shape.spatial.reduce(1, *)
    var result = logits
    for sample in 0..<shape.batch {
      for voxel in 0..<voxels {
        let places = (0..<shape.channels).map { (sample * shape.channels + $0) * voxels + voxel }
        let powers = places.map { exponential(Double(logits[$0])) }
        for (place, power) in zip(places, powers) {
          result[place] = Float(power / powers.reduce(0, +))
        }
      }
    }
    return result
  }

  /// Losses of the fixture, by name.
  static let losses: [(String, any LossConfiguration)] = {
    let weights: [Float] = [0.25, 1, 2, 3.5]
    var background = DiceLoss()
    background.options.includeBackground = true
    var squared = DiceLoss()
    squared.options.squared = true
    var present = DiceLoss()
    present.options.absentClasses = .skip
    var sum = JaccardLoss()
    sum.options.reduction = .sum
    var both = DiceCrossEntropyLoss()
    (both.diceWeight, both.crossEntropyWeight) = (0.5, 2)
    both.crossEntropy = CrossEntropyLoss(classWeights: weights)
    let terms = SumLoss(terms: [
      .init(weight: 0.5, loss: DiceLoss()),
      .init(weight: 2, loss: CrossEntropyLoss(classWeights: weights)),
    ])
    return [
      ("crossEntropy", CrossEntropyLoss()),
      ("crossEntropyWeighted", CrossEntropyLoss(classWeights: weights)), ("dice", DiceLoss()),
      ("diceBackground", background), ("diceSquared", squared), ("dicePresentOnly", present),
      ("jaccard", JaccardLoss()), ("jaccardSum", sum), ("diceCrossEntropy", both),
      ("diceCrossEntropy", terms),
    ]
  }()

  @Test("losses and their gradients are PyTorch's and MONAI's within 1e-5", arguments: losses)
  func loss(name: String, loss: any LossConfiguration) throws {
    let fixture = try Fixture.load("losses")
    let shape = try fixture.shape("logits")
    var g = GraphBuilder(mode: .training)
    // Logits as a parameter: its gradient is the loss's.
    let logits = try g.parameter("logits", shape, .weight, initializer: ConstantInitializer(0))
    let labels = g.input("labels", Shape([shape.batch] + shape.spatial), .labels)
    let traced = try loss.trace(logits: logits, labels: labels, in: &g)
    try g.output("loss", traced)
    let graph = try g.finish(differentiating: traced)
    let engine = try CPUEngine(threads: Self.threads)
    let store = engine.makeParameterStore(for: graph.parameters)
    let plan = try engine.compile(graph, parameters: store, precision: .float32)
    let values = try fixture.floats("logits")
    store.update { span, _ in for i in values.indices { span[i] = values[i] } }
    plan.fill("labels", try fixture.bytes("labels"))
    plan.run(key: RunKey())
    #expect(try relativeError([plan.scalar("loss")], fixture.floats("loss/\(name)")) < 1e-5)
    let gradient = store.withGradients { span in values.indices.map { span[$0] } }
    #expect(try relativeError(gradient, fixture.floats("gradient/\(name)")) < 1e-5)
  }
}
