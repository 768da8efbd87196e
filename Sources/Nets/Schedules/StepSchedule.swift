#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The learning rate multiplied by ``factor`` every so often:
/// max(minimum, factor^floor(step / interval)).
public struct StepSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "step"

  /// What ``every`` counts.
  public enum Unit: String, NamedOption {
    case epochs
    case steps
  }

  /// The number of epochs or steps between changes.
  public var every = 10
  /// What ``every`` counts.
  public var unit = Unit.epochs
  /// By what the rate is multiplied each time, above 0.
  public var factor = 0.5
  /// The least factor that the rate falls to.
  public var minimum = 0.0
  /// How the learning rate starts; changes are counted from its end.
  public var warmUp = WarmUp()

  /// A step schedule with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    every = try keys.value(.every, default: every)
    unit = try keys.value(.unit, default: unit)
    factor = try keys.value(.factor, default: factor)
    minimum = try keys.value(.minimum, default: minimum)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      (1...1_000_000_000).contains(every), "every", "is \(every); it must lie in 1 … 1e9")
    list.require(factor > 0 && factor <= 1, "factor", "is \(factor); it must lie above 0, up to 1")
    list.require((0...1).contains(minimum), "minimum", "is \(minimum); it must lie in 0 … 1")
    list.include(warmUp.problems(), under: "warmUp")
    return list.problems
  }

  /// The factor after the changes so far.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double {
    let done = unit == .epochs ? step / stepsPerEpoch : step
    return max(minimum, pow(factor, Double(done / every)))
  }
}
