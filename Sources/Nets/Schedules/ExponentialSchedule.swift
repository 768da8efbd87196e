#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// factor^floor((offset + e) / every), e being the epochs that have passed, fractions included: the
/// drop of Desai et al. 2019 and of the knee segmentation of Imperial College, in their code.
///
/// With the offset 1, their own, the first drop comes an epoch earlier than ``StepSchedule``'s; with
/// `every: 1` already before the first step.
public struct ExponentialSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "exponential"

  /// By what the rate is multiplied each time, above 0.
  public var factor = 0.9
  /// The number of epochs between drops; it may be a fraction.
  public var every = 1.0
  /// The epochs that count as passed at the start.
  public var offset = 1.0
  /// The learning rate below which none falls.
  public var minimumRate = 0.0
  /// How the learning rate starts; epochs are counted from its end.
  public var warmUp = WarmUp()

  /// An exponential schedule with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    factor = try keys.value(.factor, default: factor)
    every = try keys.value(.every, default: every)
    offset = try keys.value(.offset, default: offset)
    minimumRate = try keys.value(.minimumRate, default: minimumRate)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(factor > 0 && factor <= 1, "factor", "is \(factor); it must lie above 0, up to 1")
    list.require((1e-6...1e6).contains(every), "every", "is \(every); it must lie in 1e-6 … 1e6")
    list.require((0...1e6).contains(offset), "offset", "is \(offset); it must lie in 0 … 1e6")
    list.require(
      minimumRate >= 0 && minimumRate.isFinite, "minimumRate",
      "is \(minimumRate); it must not be negative")
    list.include(warmUp.problems(), under: "warmUp")
    return list.problems
  }

  /// The factor after the drops so far.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double {
    let length = Double(stepsPerEpoch)
    let drops = ((offset * length + Double(step)) / (every * length)).rounded(.down)
    return pow(factor, drops)
  }
}
