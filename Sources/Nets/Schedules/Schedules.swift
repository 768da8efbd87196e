/// How the learning rate changes over a run.
public protocol ScheduleConfiguration: CatalogueEntry {
  /// How the learning rate starts.
  var warmUp: WarmUp { get }

  /// The factor of the learning rate, the warm-up aside.
  ///
  /// - Parameters:
  ///   - step: the step about to be taken, from 0, counted from the end of the warm-up.
  ///   - totalSteps: the steps of the run without the warm-up's, at least 1.
  ///   - stepsPerEpoch: the steps of one epoch, at least 1.
  /// - Returns: the factor, not negative.
  func decay(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double

  /// The least learning rate that the decay leads to, the warm-up aside.
  var minimumRate: Double { get }

  /// What the schedule goes by beside the steps; nil where by nothing.
  var quantity: TrainingQuantity? { get }

  /// Takes note of a new value of ``quantity``.
  func watch(_ value: Double, _ state: inout ScheduleState)
}

/// What a schedule remembers of the values it has watched; part of a checkpoint.
public struct ScheduleState: Sendable, Codable, Equatable {
  /// The factor that they have led to.
  public var scale = 1.0
  /// The best value so far.
  public var best: Double?
  /// How many values have come since, or since the last change.
  public var wait = 0

  /// The state at the start.
  public init() {}
}

extension ScheduleConfiguration {
  /// The factor of the learning rate for a step: the warm-up's, then the schedule's own over the
  /// steps that remain.
  ///
  /// - Parameters:
  ///   - step: the step about to be taken, from 0.
  ///   - totalSteps: the steps of the whole run.
  ///   - stepsPerEpoch: the steps of one epoch.
  /// - Returns: what the optimizer's learning rate is multiplied by.
  public func factor(step: Int, totalSteps: Int, stepsPerEpoch: Int) -> Double {
    let stepsPerEpoch = max(1, stepsPerEpoch)
    let warm = warmUp.length(stepsPerEpoch: stepsPerEpoch)
    if step < warm {
      return warmUp.start + (1 - warmUp.start) * Double(step + 1) / Double(warm)
    }
    return decay(
      step: step - warm, totalSteps: max(1, totalSteps - warm), stepsPerEpoch: stepsPerEpoch)
  }

  /// The learning rate for a step: ``factor(step:totalSteps:stepsPerEpoch:)`` times what was watched
  /// has led to, times the optimizer's; from the end of the warm-up on, not below ``minimumRate``.
  ///
  /// - Parameters:
  ///   - base: the optimizer's learning rate.
  ///   - step: the step about to be taken, from 0.
  ///   - totalSteps: the steps of the whole run.
  ///   - stepsPerEpoch: the steps of one epoch.
  ///   - state: what was watched.
  /// - Returns: the learning rate.
  public func rate(
    base: Double, step: Int, totalSteps: Int, stepsPerEpoch: Int,
    state: ScheduleState = ScheduleState()
  ) -> Double {
    let factor = factor(step: step, totalSteps: totalSteps, stepsPerEpoch: stepsPerEpoch)
    let rate = base * factor * state.scale
    let isWarm = step >= warmUp.length(stepsPerEpoch: max(1, stepsPerEpoch))
    return isWarm ? max(rate, min(base, minimumRate)) : rate
  }

  /// The default sets no floor.
  public var minimumRate: Double { 0 }

  /// The default goes by steps alone.
  public var quantity: TrainingQuantity? { nil }

  /// The default remembers nothing.
  public func watch(_ value: Double, _ state: inout ScheduleState) {}

  /// The default has only the warm-up's faults.
  public func problems() -> [ConfigurationProblem] {
    warmUp.problems().map { $0.under("warmUp") }
  }
}

/// A linear rise of the learning rate at the start of a run: step s of w has the factor
/// start + (1 - start) (s + 1) / w, so that the last one has the full rate.
public struct WarmUp: Codable, Sendable, Equatable {
  /// The number of steps, added to those of ``epochs``.
  public var steps = 0
  /// The number of epochs.
  public var epochs = 0.0
  /// The factor that the rise starts from.
  public var start = 0.0

  /// A rise; without arguments, none.
  public init(steps: Int = 0, epochs: Double = 0, start: Double = 0) {
    self.steps = steps
    self.epochs = epochs
    self.start = start
  }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    steps = try keys.value(.steps, default: steps)
    epochs = try keys.value(.epochs, default: epochs)
    start = try keys.value(.start, default: start)
  }

  /// The number of steps in all.
  func length(stepsPerEpoch: Int) -> Int {
    steps + Int((epochs * Double(stepsPerEpoch)).rounded())
  }

  /// What is out of range.
  func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      (0...1_000_000_000).contains(steps), "steps", "is \(steps); it must lie in 0 … 1e9")
    list.require((0...1e6).contains(epochs), "epochs", "is \(epochs); it must lie in 0 … 1e6")
    list.require((0...1).contains(start), "start", "is \(start); it must lie in 0 … 1")
    return list.problems
  }
}

/// The schedules that a configuration may name. Add one: a file in this folder, a line here.
public enum Schedules: Catalogue {
  /// Any schedule's configuration.
  public typealias Entry = any ScheduleConfiguration
  /// What errors call an entry.
  public static let subject = "schedule"
  /// The schedules.
  public static var catalogue: [any CatalogueEntry.Type] {
    [
      ConstantSchedule.self, StepSchedule.self, PolynomialSchedule.self, CosineSchedule.self,
      ExponentialSchedule.self, PlateauSchedule.self,
    ]
  }
}

/// A schedule as a configuration writes it: `{kind: polynomial, power: 0.9}`.
public typealias ScheduleChoice = Choice<Schedules>
