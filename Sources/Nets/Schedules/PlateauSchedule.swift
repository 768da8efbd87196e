/// The learning rate multiplied by ``factor`` whenever a quantity has not become better for more than
/// ``patience`` values in a row, as PyTorch's `ReduceLROnPlateau` with `threshold_mode='abs'`.
///
/// A value comes after each epoch (the training loss) or after each validation (all others).
public struct PlateauSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "plateau"

  /// What is watched.
  public var watches = TrainingQuantity.validationLoss
  /// By what the rate is multiplied each time, above 0 and below 1.
  public var factor = 0.1
  /// How many values in a row may pass without a gain.
  public var patience = 10
  /// What counts as a gain.
  public var minimumDelta = 1e-4
  /// The learning rate below which none falls.
  public var minimumRate = 0.0
  /// How the learning rate starts; values that come meanwhile count.
  public var warmUp = WarmUp()

  private enum CodingKeys: String, CodingKey {
    case watches = "quantity"
    case factor, patience, minimumDelta, minimumRate, warmUp
  }

  /// A plateau schedule with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    watches = try keys.value(.watches, default: watches)
    factor = try keys.value(.factor, default: factor)
    patience = try keys.value(.patience, default: patience)
    minimumDelta = try keys.value(.minimumDelta, default: minimumDelta)
    minimumRate = try keys.value(.minimumRate, default: minimumRate)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      factor > 0 && factor < 1, "factor", "is \(factor); it must lie above 0 and below 1")
    list.require(
      (0...1_000_000).contains(patience), "patience", "is \(patience); it must lie in 0 … 1e6")
    list.require(
      minimumDelta >= 0 && minimumDelta.isFinite, "minimumDelta",
      "is \(minimumDelta); it must not be negative")
    list.require(
      minimumRate >= 0 && minimumRate.isFinite, "minimumRate",
      "is \(minimumRate); it must not be negative")
    list.include(warmUp.problems(), under: "warmUp")
    return list.problems
  }

  /// 1: the steps alone change nothing.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double { 1 }

  /// What is watched.
  public var quantity: TrainingQuantity? { watches }

  /// Drops the rate where the patience is at its end.
  public func watch(_ value: Double, _ state: inout ScheduleState) {
    if watches.isBetter(value, than: state.best, by: minimumDelta) {
      state.best = value
      state.wait = 0
      return
    }
    state.wait += 1
    guard state.wait > patience else { return }
    state.scale *= factor
    state.wait = 0
  }
}
