import Compute
import Nets
import Testing

@Suite("The weights of a network's outputs")
struct OutputWeightTests {
  /// The loss of one step of a U-Net with two side outputs.
  private func loss(weights: [Float]?) throws -> Float {
    var network = UNet()
    (network.features, network.levels, network.sideOutputs) = (2, 3, 1)
    let shape: Shape = [1, 1, 8, 8, 8]
    let graph = try NetworkGraphs.training(
      network, loss: CrossEntropyLoss(), input: shape, classes: 2, outputWeights: weights)
    let engine = try CPUEngine(threads: 1)
    let store = engine.makeParameterStore(for: graph.parameters)
    store.update { values, _ in graph.parameters.initialize(&values, seed: 4) }
    let plan = try engine.compile(graph, parameters: store, precision: .float32)
    plan.fill(NetworkGraphs.image, (0..<512).map { Float($0 % 13) / 13 })
    plan.fill(NetworkGraphs.labels, (0..<512).map { UInt8($0 % 2) })
    plan.run(key: RunKey())
    return plan.scalar(NetworkGraphs.loss)
  }

  @Test("the loss is the sum of the outputs' losses times the weights given")
  func weighted() throws {
    let (first, second) = (try loss(weights: [1, 0]), try loss(weights: [0, 1]))
    #expect(abs(try loss(weights: [1, 0.33]) - (first + 0.33 * second)) < 1e-5)
    #expect(abs(first - second) > 1e-4)
    #expect(try loss(weights: nil) != loss(weights: [1, 0.33]))
  }

  @Test("weights that do not fit the network's outputs are refused by their key")
  func count() {
    let error = #expect(throws: ConfigurationProblem.self) { try loss(weights: [1, 0.5, 0.25]) }
    #expect(error?.key == "training.outputWeights")
    #expect(error?.message.contains("has 3 numbers for a network of 2 outputs") == true)
  }

  @Test("the loss that is measured is that of the output at full resolution, as it predicts")
  func evaluation() throws {
    var network = UNet()
    (network.features, network.levels, network.sideOutputs) = (2, 3, 1)
    let shape: Shape = [1, 1, 8, 8, 8]
    let graph = try NetworkGraphs.evaluation(
      network, loss: CrossEntropyLoss(), input: shape, classes: 2)
    let engine = try CPUEngine(threads: 1)
    let store = engine.makeParameterStore(for: graph.parameters)
    store.update { values, _ in graph.parameters.initialize(&values, seed: 4) }
    let plan = try engine.compile(graph, parameters: store, precision: .float32)
    plan.fill(NetworkGraphs.image, (0..<512).map { Float($0 % 13) / 13 })
    plan.fill(NetworkGraphs.labels, (0..<512).map { UInt8($0 % 2) })
    plan.run(key: RunKey())
    // Instance normalization knows no difference between training and prediction.
    #expect(abs(plan.scalar(NetworkGraphs.loss) - (try loss(weights: [1, 0]))) < 1e-6)
    #expect(graph.gradients.allSatisfy { $0 == nil })
  }
}
