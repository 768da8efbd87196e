/// The same learning rate throughout.
public struct ConstantSchedule: ScheduleConfiguration {
  /// The name in a configuration.
  public static let kind = "constant"

  /// How the learning rate starts.
  public var warmUp = WarmUp()

  /// A constant schedule.
  public init(warmUp: WarmUp = WarmUp()) { self.warmUp = warmUp }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    warmUp = try keys.value(.warmUp, default: warmUp)
  }

  /// 1.
  public func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double { 1 }
}
