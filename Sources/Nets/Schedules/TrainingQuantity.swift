/// A number that training logs after an epoch and that decisions may go by: when the learning rate
/// falls, when training stops, which weights are the best.
public enum TrainingQuantity: String, NamedOption {
  /// The mean Dice of the foreground labels over the validation subjects, whole volumes.
  case validationDice
  /// The mean over the validation subjects of the loss.
  case validationLoss
  /// The mean over the steps of the epoch of the training loss.
  case trainingLoss
  /// The part of the voxels of the validation subjects that have the right label.
  case voxelAccuracy

  /// Whether a larger value is a better one.
  public var growsWithQuality: Bool {
    switch self {
    case .validationDice, .voxelAccuracy: true
    case .validationLoss, .trainingLoss: false
    }
  }

  /// Whether it is known only after a validation.
  public var needsValidation: Bool { self != .trainingLoss }

  /// Whether `value` is better than `best` by more than `delta`; anything is better than nothing.
  public func isBetter(_ value: Double, than best: Double?, by delta: Double) -> Bool {
    guard let best else { return !value.isNaN }
    return growsWithQuality ? value > best + delta : value < best - delta
  }
}
