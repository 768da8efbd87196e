import Compute
import DistTrainer
import Foundation
import Nets
import Testing

@Suite struct DescriptionTests {
  static func description(
    _ optimizer: String, levels: Int = 2
  ) throws -> NetworkDescription {
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("nowhere", "optimizer: {kind: \(optimizer)}"),
      overrides: ["network.levels=\(levels)"])
    return try NetworkDescription(
      Experiment(configuration, channels: 2, classes: 3), engine: CPUEngine(threads: 1))
  }

  @Test("layers are counted as the formulas say, and sum to the network")
  func layers() throws {
    let description = try Self.description("sgd")
    #expect(description.layers.reduce(0) { $0 + $1.parameters } == description.parameters)
    let first = try #require(
      description.layers.first { $0.operation == "convolution" })
    #expect(first.path == "encoder.0.conv1" && first.output == [1, 4, 16, 16, 16])
    // 2 channels to 4 maps by 3x3x3, no bias before a norm.
    #expect(first.parameters == 4 * 2 * 27)
    #expect(first.multiplyAdds == 4 * 2 * 27 * 16 * 16 * 16)
    let head = try #require(description.layers.last { $0.operation == "convolution" })
    #expect(head.path == "head" && head.parameters == 3 * 4 + 3)
    #expect(description.precision == .float32)
  }

  @Test(
    "memory counts weights, gradients and what the optimizer keeps",
    arguments: [("sgd", 1), ("adam", 2)])
  func memory(_ item: (optimizer: String, arenas: Int)) throws {
    let memory = try Self.description(item.optimizer).memory
    #expect(memory.optimizer == item.arenas * memory.gradients)
    #expect(memory.gradients >= 4 * (try Self.description(item.optimizer).parameters))
    #expect(memory.arena > 0 && memory.arena < memory.unshared)
    #expect(
      memory.total == memory.arena + memory.weights + memory.gradients + memory.optimizer)
  }

  @Test("the estimate is what a compiled plan occupies")
  func plan() throws {
    let configuration = try ExperimentConfiguration.load(yaml: SmallStudy.yaml("nowhere"))
    let experiment = try Experiment(configuration, channels: 1, classes: 3)
    let engine = try CPUEngine(threads: 1)
    let description = try NetworkDescription(experiment, engine: engine)
    let graph = try NetworkGraphs.training(
      experiment.network, loss: experiment.loss, input: [1, 1, 16, 16, 16], classes: 3)
    let plan = try engine.compile(
      graph, parameters: engine.makeParameterStore(for: graph.parameters), precision: .float32)
    #expect(plan.memory.arena == description.memory.arena)
    #expect(plan.memory.unshared == description.memory.unshared)
    #expect(graph.multiplyAdds == description.stepMultiplyAdds)
  }

  @Test("stages have their steps and learning rates, and the input its slices")
  func stages() throws {
    let configuration = try ExperimentConfiguration.load(
      yaml: """
        schema: 1
        data: {dataset: nowhere}
        network: {kind: unet, dimensions: 2, features: 4, levels: 2}
        optimizer: {kind: adam, learningRate: 0.02}
        schedule: {kind: exponential, factor: 0.8, minimumRate: 1.0e-3}
        training: {epochs: 20, stepsPerEpoch: 3, patch: [1, 16, 16], slices: 3, validateEvery: 5,
          stages: [{epochs: 2, optimizer: {kind: sgd, learningRate: 1.0e-4}, schedule: {kind: constant}}]}
        """)
    let description = try NetworkDescription(
      Experiment(configuration, channels: 2, classes: 3), engine: CPUEngine(threads: 1))
    #expect(description.input == [1, 6, 16, 16])
    let (first, second) = (description.stages[0], description.stages[1])
    #expect(first.steps == 60 && first.start == "initial" && first.optimizer == "adam")
    // 0.02 * 0.8 before the first step; 0.02 * 0.8 ** 20 = 2.3e-4 is below the floor.
    #expect(abs(first.firstRate - 0.016) < 1e-12 && first.lastRate == 1e-3)
    #expect(second.start == "best" && second.steps == 6 && second.lastRate == 1e-4)
    #expect(description.description.contains("input 1x6x16x16, loss diceCrossEntropy"))
    #expect(description.json.contains("\"optimizer\": \"sgd\""))
    // What the hungrier of the stages keeps.
    #expect(description.memory.optimizer == 2 * description.memory.gradients)
  }

  @Test("where initial weights come from is said where it is asked for, and only there")
  func initialize() throws {
    let plain = try Self.description("sgd")
    #expect(!plain.description.contains("initial weights"))
    #expect(plain.json.contains("\"initialize\": null"))
    let section = """
      initialize:
        draw: [{parameters: [head.*, "*.bias"], initializer: {kind: constant}}]
        from: runs/other
        checkpoint: final
        map: {"old.*": "new.*"}
        only: [encoder.*]
        sumInputChannels: true
      """
    let description = try NetworkDescription(
      Experiment(
        ExperimentConfiguration.load(yaml: SmallStudy.yaml("nowhere", section)), channels: 2,
        classes: 3), engine: CPUEngine(threads: 1))
    for line in [
      "initial weights of head.*, *.bias drawn by constant",
      "initial weights from runs/other (of a run: checkpoint final), only encoder.*, summed over "
        + "input channels",
      "  old.* there is new.* here",
    ] {
      #expect(description.description.split(separator: "\n").contains { $0 == line }, "\(line)")
    }
    struct Names: Decodable {
      struct Draw: Decodable { var initializer: String }
      struct Part: Decodable {
        var draw: [Draw]
        var from: String
        var checkpoint: String
        var map: [String: String]
        var only: [String]
        var sumInputChannels: Bool
      }
      var initialize: Part
    }
    let part = try JSONDecoder().decode(Names.self, from: Data(description.json.utf8)).initialize
    #expect(part.draw.map(\.initializer) == ["constant"] && part.from == "runs/other")
    #expect(part.checkpoint == "final" && part.map == ["old.*": "new.*"])
    #expect(part.only == ["encoder.*"] && part.sumInputChannels)
  }

  @Test("text and JSON say the same")
  func forms() throws {
    struct Form: Decodable {
      struct Layer: Decodable { var path: String }
      var layers: [Layer]
      var parameters: Int
      var memory: [String: Int]
    }
    let description = try Self.description("adam", levels: 3)
    let form = try JSONDecoder().decode(Form.self, from: Data(description.json.utf8))
    #expect(form.layers.map(\.path) == description.layers.map(\.path))
    #expect(form.parameters == description.parameters)
    #expect(form.memory["total"] == description.memory.total)
    let lines = description.description.split(separator: "\n")
    #expect(lines.filter { $0.contains("conv1") && $0.contains("convolution") }.count == 5)
  }

  @Test("a patch that the levels do not divide is refused at its key")
  func patch() throws {
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("nowhere"), overrides: ["training.patch=[16, 17, 16]"])
    let error = #expect(throws: ConfigurationError.self) {
      try Experiment(configuration, channels: 1, classes: 3)
    }
    #expect(error?.description.contains("training.patch") == true)
  }
}
