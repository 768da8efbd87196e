#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// (1 - step / totalSteps)^power, nnU-Net's schedule with power 0.9; it falls at every step.
public struct PolynomialSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "polynomial"

  /// The exponent.
  public var power = 0.9
  /// How the learning rate starts.
  public var warmUp = WarmUp()

  /// A polynomial schedule.
  public init(power: Double = 0.9, warmUp: WarmUp = WarmUp()) {
    self.power = power
    self.warmUp = warmUp
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    power = try keys.value(.power, default: power)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// Requires a positive power.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(power > 0 && power.isFinite, "power", "is \(power); it must be positive")
    list.include(warmUp.problems(), under: "warmUp")
    return list.problems
  }

  /// The factor; 0 from the end of the run on.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double {
    pow(max(0, 1 - Double(step) / Double(totalSteps)), power)
  }
}
