#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// minimum + (1 - minimum) (1 + cos(π step / totalSteps)) / 2 (Loshchilov, Hutter 2017, equation 5,
/// without restarts).
public struct CosineSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "cosine"

  /// The factor at the end of the run.
  public var minimum = 0.0
  /// How the learning rate starts.
  public var warmUp = WarmUp()

  /// A cosine schedule.
  public init(minimum: Double = 0, warmUp: WarmUp = WarmUp()) {
    self.minimum = minimum
    self.warmUp = warmUp
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    minimum = try keys.value(.minimum, default: minimum)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// Requires a minimum in range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require((0...1).contains(minimum), "minimum", "is \(minimum); it must lie in 0 … 1")
    list.include(warmUp.problems(), under: "warmUp")
    return list.problems
  }

  /// The factor; ``minimum`` from the end of the run on.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double {
    let done = min(1, Double(step) / Double(totalSteps))
    return minimum + (1 - minimum) * (1 + cos(Double.pi * done)) / 2
  }
}
