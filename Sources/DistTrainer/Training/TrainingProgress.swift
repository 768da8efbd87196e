public import Nets

/// How far the training of one fold has come: all that a checkpoint holds beside numbers.
public struct TrainingProgress: Sendable, Codable, Equatable {
  /// Steps taken.
  public var step = 0
  /// Epochs whose end was dealt with: validated where that was due, decided upon, logged. Where a
  /// run was stopped in the middle of that, it is one less than the epochs trained.
  public var closedEpochs = 0
  /// The sum of the losses of the steps of the epoch under way.
  public var epochLoss = 0.0
  /// The best value of `training.quantity` so far.
  public var bestValue: Double?
  /// The epoch, from 1, whose end gave ``bestValue``.
  public var bestEpoch: Int?
  /// The stage under way, from 0.
  public var stage = 0
  /// The epochs that had passed when it began.
  public var stageEpoch = 0
  /// What the schedule of the stage remembers.
  public var schedule = ScheduleState()
  /// Whether early stopping ended the training.
  public var stoppedEarly = false

  /// The start of a training run.
  public init() {}

  /// Takes note of a value of the deciding quantity, and says whether it is the best so far by more
  /// than `minimumDelta`.
  mutating func improves(
    _ value: Double, of quantity: TrainingQuantity, epoch: Int, minimumDelta: Double
  ) -> Bool {
    guard quantity.isBetter(value, than: bestValue, by: minimumDelta) else { return false }
    bestValue = value
    bestEpoch = epoch
    return true
  }
}

extension TrainingProgress {
  /// The epoch, from 1, whose last step was taken but whose end was not dealt with yet.
  func openEpoch(stepsPerEpoch: Int) -> Int? {
    let epoch = step / stepsPerEpoch
    return step % stepsPerEpoch == 0 && epoch > closedEpochs ? epoch : nil
  }
}

extension EarlyStoppingSection {
  /// Whether the stage ends after `epoch`: the burn-in is over, and the best value and the stage's
  /// beginning lie the patience back.
  func isOver(after epoch: Int, _ progress: TrainingProgress) -> Bool {
    let last = max(progress.bestEpoch ?? 0, burnIn, progress.stageEpoch)
    return epoch >= burnIn && epoch - last >= patience
  }
}
