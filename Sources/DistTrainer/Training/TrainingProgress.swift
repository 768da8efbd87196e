/// How far the training of one fold has come: all that a checkpoint holds beside numbers.
public struct TrainingProgress: Sendable, Codable, Equatable {
  /// Steps taken.
  public var step = 0
  /// The sum of the losses of the steps of the epoch under way.
  public var epochLoss = 0.0
  /// The best mean foreground Dice of a validation so far.
  public var bestDice: Double?
  /// The epoch, from 1, whose end gave ``bestDice``.
  public var bestEpoch: Int?
  /// Whether early stopping ended the training.
  public var stoppedEarly = false

  /// The start of a training run.
  public init() {}

  /// Takes note of a validation, and says whether it is the best so far by more than
  /// `minimumDelta`.
  mutating func improves(dice: Double, epoch: Int, minimumDelta: Double) -> Bool {
    guard bestDice.map({ dice > $0 + minimumDelta }) ?? true else { return false }
    bestDice = dice
    bestEpoch = epoch
    return true
  }
}

extension TrainingSection {
  /// The steps of a whole run.
  public var totalSteps: Int { epochs * stepsPerEpoch }
}

extension EarlyStoppingSection {
  /// Whether training ends after `epoch`: the burn-in is over and the best validation lies more
  /// than the patience back.
  func isOver(after epoch: Int, _ progress: TrainingProgress) -> Bool {
    epoch >= burnIn && epoch - max(progress.bestEpoch ?? 0, burnIn) >= patience
  }
}
