internal import Evaluation
internal import Nets

extension NetworkDescription {
  /// A stage of training, as far as it is known beforehand.
  public struct Stage: Sendable, Equatable {
    /// The weights that it begins with: `initial`, `best` or `last`.
    public var start: String
    /// How many epochs it has at most.
    public var epochs: Int
    /// How many steps it has at most.
    public var steps: Int
    /// The optimizer's kind.
    public var optimizer: String
    /// The schedule's kind.
    public var schedule: String
    /// The learning rate of the first step.
    public var firstRate: Double
    /// The learning rate of the last step, where nothing that is watched changes it.
    public var lastRate: Double
  }

  /// The stages of an experiment.
  static func stages(of configuration: ExperimentConfiguration) -> [Stage] {
    let length = configuration.training.stepsPerEpoch
    return configuration.stages.map { stage in
      let steps = stage.epochs * length
      func rate(_ step: Int) -> Double {
        stage.schedule.rate(
          base: stage.optimizer.learningRate, step: step, totalSteps: steps, stepsPerEpoch: length)
      }
      return Stage(
        start: stage.start?.rawValue ?? "initial", epochs: stage.epochs, steps: steps,
        optimizer: type(of: stage.optimizer).kind, schedule: type(of: stage.schedule).kind,
        firstRate: rate(0), lastRate: rate(steps - 1))
    }
  }

  /// The stages as a table, after lines on what is made small, what the network sees and which weights
  /// it begins with.
  var protocolText: String {
    let rows = stages.enumerated().map { index, stage in
      [
        "\(index)", stage.start, stage.optimizer, stage.schedule, TextTable.grouped(stage.epochs),
        TextTable.grouped(stage.steps), "\(stage.firstRate)", "\(stage.lastRate)",
      ]
    }
    let table = TextTable(
      rows: [
        [
          "stage", "begins with", "optimizer", "schedule", "epochs", "steps", "first rate",
          "last rate",
        ]
      ] + rows, namedColumns: 4)
    let shape = input.map { "\($0)" }.joined(separator: "x")
    let head = ["input \(shape), loss \(loss), best weights by \(quantity)"] + initializationLines
    return "\(head.joined(separator: "\n"))\n\n\(table)"
  }

  /// The stages as JSON.
  var stagesJSON: JSONValue {
    .array(
      stages.map { stage in
        .object([
          ("start", .string(stage.start)), ("epochs", .integer(stage.epochs)),
          ("steps", .integer(stage.steps)), ("optimizer", .string(stage.optimizer)),
          ("schedule", .string(stage.schedule)), ("firstRate", .number(stage.firstRate)),
          ("lastRate", .number(stage.lastRate)),
        ])
      })
  }
}
