internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a rank does, moment by moment: off until it is started, and of bounded length.
///
/// While it is off, what could be recorded costs one load and one branch. Any thread may record.
public final class TraceLog: Sendable {
  /// The greatest number of events kept unless another is asked for: some megabytes a rank.
  public static let standardCapacity = 1 << 18

  private enum Level {
    static let off: UInt8 = 0
    /// Only what is rare.
    static let rare: UInt8 = 1
    static let all: UInt8 = 2
  }

  private struct State {
    var events: [TraceEvent] = []
    var capacity = 0
    var dropped = 0
    var lanes: [UInt] = []
    var fold = -1
    var step = -1
    var stepsLeft = 0
  }

  private let level = Atomic<UInt8>(Level.off)
  private let state = Mutex(State())
  private let origin: ContinuousClock.Instant
  // For tests: a clock that is wrong, by an offset and a rate.
  private let error: (offset: Int64, rate: Double)

  /// A log that is off.
  public convenience init() { self.init(clockError: (0, 0)) }

  /// As the public one, on a clock that shows `offset` nanoseconds too much and gains `rate` of the
  /// time that passes.
  package init(clockError: (offset: Int64, rate: Double)) {
    origin = .now
    error = clockError
  }

  /// Begins to record, on the thread that trains.
  ///
  /// - Parameters:
  ///   - steps: how many steps of training are recorded in full; what is rare is recorded after
  ///     them, too.
  ///   - capacity: how many events are kept at most; those beyond are counted.
  public func start(steps: Int, capacity: Int = standardCapacity) {
    state.withLock {
      $0 = State()
      $0.capacity = capacity
      $0.stepsLeft = steps
      $0.lanes = [Self.thread]
    }
    level.store(Level.all, ordering: .relaxed)
  }

  /// Ends recording and gives what was recorded, in the order of ends.
  ///
  /// - Returns: the events, and how many found no room.
  public func stop() -> (events: [TraceEvent], dropped: Int) {
    level.store(Level.off, ordering: .relaxed)
    return state.withLock {
      let found = ($0.events, $0.dropped)
      $0 = State()
      return found
    }
  }

  /// Whether anything is recorded.
  public var isOn: Bool { level.load(ordering: .relaxed) != Level.off }

  /// Nanoseconds of this rank's clock.
  public var now: Int64 { time(.now) }

  /// The time where `activity` is recorded now; `nil` where it is not.
  @inline(__always)
  public func begin(_ activity: TraceActivity) -> Int64? {
    let level = level.load(ordering: .relaxed)
    guard level != Level.off else { return nil }
    return level == Level.all || activity.isRare ? now : nil
  }

  /// Records what began at the time that ``begin(_:)`` gave, if it gave one, and ends now.
  @inline(__always)
  public func end(
    _ activity: TraceActivity, since start: Int64?, number: Int = 0,
    operation: FlightRecorder.Operation? = nil
  ) {
    if let start { add(activity, start, now, number, operation) }
  }

  /// Measures `body`, and records it where that is wanted.
  @inline(__always)
  public func measure(
    _ activity: TraceActivity, number: Int = 0, _ body: () throws -> Void
  ) rethrows -> Duration {
    let start = ContinuousClock.now
    try body()
    let end = ContinuousClock.now
    if level.load(ordering: .relaxed) == Level.all {
      add(activity, time(start), time(end), number, nil)
    }
    return start.duration(to: end)
  }

  /// Records what took place between two times of ``now``.
  public func add(_ activity: TraceActivity, from start: Int64, to end: Int64, number: Int = 0) {
    guard level.load(ordering: .relaxed) == Level.all else { return }
    add(activity, start, end, number, nil)
  }

  /// Records what took place between two instants.
  @inline(__always)
  public func add(
    _ activity: TraceActivity, from start: ContinuousClock.Instant,
    to end: ContinuousClock.Instant, number: Int = 0
  ) {
    guard level.load(ordering: .relaxed) == Level.all else { return }
    add(activity, time(start), time(end), number, nil)
  }

  /// Says that a step begins.
  @inline(__always)
  func note(fold: Int, step: Int) {
    guard level.load(ordering: .relaxed) != Level.off else { return }
    let isOver = state.withLock {
      $0.fold = fold
      $0.step = step
      $0.stepsLeft -= 1
      return $0.stepsLeft < 0
    }
    if isOver { level.store(Level.rare, ordering: .relaxed) }
  }

  @inline(never)
  private func add(
    _ activity: TraceActivity, _ start: Int64, _ end: Int64, _ number: Int,
    _ operation: FlightRecorder.Operation?
  ) {
    let thread = Self.thread
    state.withLock {
      guard $0.events.count < $0.capacity else {
        $0.dropped += 1
        return
      }
      let lane: Int
      if let known = $0.lanes.firstIndex(of: thread) {
        lane = known
      } else {
        lane = $0.lanes.count
        $0.lanes.append(thread)
      }
      $0.events.append(
        TraceEvent(
          activity, operation: operation, lane: lane, start: start, end: end, fold: $0.fold,
          step: $0.step, number: number))
    }
  }

  private func time(_ instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = origin.duration(to: instant).components
    let exact = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    return exact + error.offset + Int64(Double(exact) * error.rate)
  }

  private static var thread: UInt { UInt(pthread_self()) }
}
