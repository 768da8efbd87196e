public import Compute
internal import Evaluation
internal import Nets

/// What a network is made of and what a training step occupies, known before anything is allocated.
public struct NetworkDescription: Sendable, CustomStringConvertible {
  /// One operation of the forward pass.
  public struct Layer: Sendable, Equatable {
    /// Where in the network, for example `encoder.0.conv1`.
    public var path: String
    /// What is done, for example `convolution`.
    public var operation: String
    /// The result's extents: N, C, then the spatial axes; empty for a scalar or a workspace.
    public var output: [Int]
    /// The parameters that it introduces.
    public var parameters: Int
    /// Multiply-adds of its forward pass.
    public var multiplyAdds: Int
  }

  /// What a training step occupies on one rank, in bytes.
  public struct Memory: Sendable, Equatable {
    /// Activations, their gradients and scratch, after sharing by liveness.
    public var arena: Int
    /// The same without sharing.
    public var unshared: Int
    /// Weights as the optimizer sees them, and as the engine lays them out.
    public var weights: Int
    /// Gradients of the weights.
    public var gradients: Int
    /// What the optimizer remembers.
    public var optimizer: Int

    /// All that is allocated: arena, weights, gradients, optimizer.
    public var total: Int { arena + weights + gradients + optimizer }
  }

  /// The forward pass in order, for one micro-batch.
  public let layers: [Layer]
  /// Parameters that training changes.
  public let parameters: Int
  /// Multiply-adds of a training step's forward and backward pass for one micro-batch.
  public let stepMultiplyAdds: Int
  /// What a training step occupies.
  public let memory: Memory
  /// The arithmetic, `auto` resolved.
  public let precision: Compute.Precision
  /// The engine's name.
  public let engine: String
  /// The extents of a micro-batch as the network sees it: N, C, then the spatial axes.
  public let input: [Int]
  /// The loss's kind.
  public let loss: String
  /// What decides which weights are the best.
  public let quantity: String
  /// The stages of training.
  public let stages: [Stage]
  /// Which weights training begins with.
  public let initialize: InitializeSection

  /// Traces an experiment's network and plans its training step.
  ///
  /// - Parameters:
  ///   - experiment: what is to be trained.
  ///   - engine: what would compute it.
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  public init(_ experiment: Experiment, engine: any Engine) throws {
    let training = experiment.configuration.training
    let input = experiment.networkInput(batch: training.shardSize)
    let forward = try NetworkGraphs.inference(
      experiment.network, input: input, classes: experiment.classes)
    let step = try NetworkGraphs.training(
      experiment.network, loss: experiment.loss, input: input, classes: experiment.classes,
      outputWeights: experiment.outputWeights)
    precision = experiment.precision(on: engine)
    self.engine = engine.name
    self.input = input.extents
    loss = type(of: experiment.loss).kind
    quantity = training.quantity.rawValue
    stages = Self.stages(of: experiment.configuration)
    initialize = experiment.configuration.initialize
    layers = Self.layers(of: forward)
    parameters = step.parameters.trainableCount
    stepMultiplyAdds = step.multiplyAdds
    let estimate = try engine.estimateMemory(of: step, precision: precision)
    let arena = step.parameters.elementCount * MemoryLayout<Float>.size
    memory = Memory(
      arena: estimate.arena, unshared: estimate.unshared, weights: arena + estimate.weights,
      gradients: arena,
      optimizer: (experiment.configuration.stages.map(\.optimizer.stateNames.count).max() ?? 0)
        * arena)
  }

  private static func layers(of graph: Graph) -> [Layer] {
    var sizes = Dictionary(
      uniqueKeysWithValues: zip(graph.parameterSymbols, graph.parameters.entries).map {
        ($0, $1.role.isTrainable ? $1.shape.count : 0)
      })
    return graph.nodes.map { node in
      // A parameter that several nodes use counts where it is met first.
      let own = node.inputs.reduce(0) { $0 + (sizes.removeValue(forKey: $1) ?? 0) }
      return Layer(
        path: node.path, operation: node.operation.name,
        output: node.outputs.first?.shape.extents ?? [], parameters: own,
        multiplyAdds: node.operation.multiplyAdds(for: node))
    }
  }

  /// The table of layers, then that of stages, then parameters, multiply-adds and memory.
  public var description: String {
    let rows = layers.map { layer in
      [
        layer.path.isEmpty ? "-" : layer.path, layer.operation,
        layer.output.isEmpty ? "-" : layer.output.map { "\($0)" }.joined(separator: "x"),
        TextTable.grouped(layer.parameters), TextTable.grouped(layer.multiplyAdds),
      ]
    }
    let table = TextTable(
      rows: [["path", "operation", "output", "parameters", "multiply-adds"]] + rows,
      namedColumns: 2)
    let figures = TextTable(
      rows: [
        ["parameters", TextTable.grouped(parameters)],
        ["multiply-adds of a step's micro-batch", TextTable.grouped(stepMultiplyAdds)],
        ["memory: activations", TextTable.mebibytes(memory.arena)],
        ["memory: activations without sharing", TextTable.mebibytes(memory.unshared)],
        ["memory: weights", TextTable.mebibytes(memory.weights)],
        ["memory: gradients", TextTable.mebibytes(memory.gradients)],
        ["memory: optimizer", TextTable.mebibytes(memory.optimizer)],
        ["memory: a rank's training step", TextTable.mebibytes(memory.total)],
      ], namedColumns: 1)
    return "\(table)\n\n\(protocolText)\n\n\(figures)\nin \(precision.rawValue) on \(engine)"
  }

  /// The same as JSON: `layers`, `parameters`, `multiplyAdds`, `memory` (bytes), `precision`,
  /// `engine`, `input`, `loss`, `quantity`, `stages`, `initialize`.
  public var json: String {
    let rows = layers.map { layer in
      JSONValue.object([
        ("path", .string(layer.path)), ("operation", .string(layer.operation)),
        ("output", .array(layer.output.map { .integer($0) })),
        ("parameters", .integer(layer.parameters)), ("multiplyAdds", .integer(layer.multiplyAdds)),
      ])
    }
    return JSONValue.object([
      ("layers", .array(rows)), ("parameters", .integer(parameters)),
      ("multiplyAdds", .integer(stepMultiplyAdds)),
      (
        "memory",
        .object([
          ("arena", .integer(memory.arena)), ("unshared", .integer(memory.unshared)),
          ("weights", .integer(memory.weights)), ("gradients", .integer(memory.gradients)),
          ("optimizer", .integer(memory.optimizer)), ("total", .integer(memory.total)),
        ])
      ),
      ("precision", .string(precision.rawValue)), ("engine", .string(engine)),
      ("input", .array(input.map { .integer($0) })), ("loss", .string(loss)),
      ("quantity", .string(quantity)), ("stages", stagesJSON),
      ("initialize", initializationJSON),
    ]).indented
  }
}

extension Experiment {
  /// The experiment of a configuration without its data: classes are numbered, not named.
  ///
  /// - Parameters:
  ///   - configuration: what is asked for.
  ///   - channels: the number of image channels, at least 1.
  ///   - classes: the number of classes, background included, 2 to 256.
  /// - Throws: ``ConfigurationError`` where patch and network do not fit, or a number is out of
  ///   its range.
  public init(
    _ configuration: ExperimentConfiguration, channels: Int, classes: Int
  ) throws {
    guard (1...4096).contains(channels), (2...256).contains(classes) else {
      throw ConfigurationError([
        ConfigurationFault(
          "", "needs 1 to 4096 channels and 2 to 256 classes, not \(channels) and \(classes)")
      ])
    }
    try self.init(
      configuration, channels: channels,
      labels: (0..<classes).map { DatasetLabel(number: UInt8($0), name: "class \($0)") })
  }
}
