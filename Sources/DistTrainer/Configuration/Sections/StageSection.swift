public import Nets

/// `training.stages.N`: a further stage of training, which follows when the one before has reached its
/// last epoch or was stopped early.
///
/// The first stage is what `optimizer`, `schedule` and `training.epochs` describe. A stage begins with
/// an optimizer that remembers nothing and a schedule at its first step; patches go on where they were.
public struct StageSection: ConfigurationSection {
  /// How many epochs.
  public var epochs = 20
  /// Which weights it begins with: the `best` so far, or the `last`.
  public var start = StageStart.best
  /// How weights follow gradients; `null`: as in the experiment's `optimizer`.
  public var optimizer: OptimizerChoice?
  /// How the learning rate changes in the course of the stage; `null`: as in the experiment's
  /// `schedule`, from its beginning.
  public var schedule: ScheduleChoice?

  /// All keys at their defaults.
  public init() {}
}

/// Which weights a stage of training begins with.
public enum StageStart: String, Codable, Sendable, CaseIterable {
  /// Those that `training.quantity` found best.
  case best
  /// Those after the last step.
  case last
}

/// A stage of training with everything it goes by.
struct TrainingStage: Sendable {
  /// How many epochs it has at most.
  let epochs: Int
  /// Which weights it begins with; nil for the first stage, which begins with initial ones.
  let start: StageStart?
  /// How weights follow gradients.
  let optimizer: any OptimizerConfiguration
  /// How the learning rate changes.
  let schedule: any ScheduleConfiguration
}

extension ExperimentConfiguration {
  /// The stages of training, the first of them included.
  var stages: [TrainingStage] {
    [
      TrainingStage(
        epochs: training.epochs, start: nil, optimizer: optimizer.value, schedule: schedule.value)
    ]
      + training.stages.map { stage in
        TrainingStage(
          epochs: stage.epochs, start: stage.start,
          optimizer: (stage.optimizer ?? optimizer).value,
          schedule: (stage.schedule ?? schedule).value)
      }
  }

  /// The quantities that somebody wants after a validation.
  var validatedQuantities: Set<TrainingQuantity> {
    var wanted = Set([training.quantity] + stages.compactMap(\.schedule.quantity))
    if training.validationLoss { wanted.insert(.validationLoss) }
    return wanted.filter(\.needsValidation)
  }
}

extension TrainingSection {
  /// The steps of a whole run, where nothing stops it early.
  public var totalSteps: Int {
    stages.reduce(epochs) { $0 + $1.epochs } * stepsPerEpoch
  }
}
