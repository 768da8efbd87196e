internal import Synchronization

/// What a rank has been doing: its last 256 operations, and whether it works or waits now.
///
/// One thread writes (the one that communicates), any thread reads: nothing is locked, and an
/// operation costs some tens of nanoseconds.
public final class FlightRecorder: Sendable {
  /// How many operations are remembered.
  public static let capacity = 256

  /// What a rank may wait in.
  public enum Operation: UInt8, Sendable, CaseIterable {
    case barrier, broadcast, reduce, allReduce, gather, allGather, scatter, allToAll
    case send, receive, sendReceive, probe, split, shareMemory, wait, orderedAllReduce, finalize
    case group, free
  }

  /// One operation as it was recorded.
  public struct Record: Sendable, Equatable {
    /// The how manieth operation of this rank it is, from 1.
    public var number: UInt64
    /// What was done.
    public var operation: Operation
    /// The group's name.
    public var group: String
    /// The bytes of this rank.
    public var byteCount: Int
    /// The fold and step that the rank was at; -1 where there was none.
    public var fold: Int, step: Int
    /// When it began, in seconds of the monotonic clock.
    public var began: Double
    /// When it ended; `nil` while it is under way.
    public var ended: Double?
  }

  // Six words a record: number; operation, group, fold; step; bytes; beginning; end. The number is
  // written last and cleared first, so that a reader knows a torn record.
  private static let width = 6
  private let words: InlineArray<1536, Atomic<UInt64>>
  private let count = Atomic<UInt64>(0)
  private let fold = Atomic<Int>(-1)
  private let step = Atomic<Int>(-1)
  private let lastBeat: Atomic<UInt64>
  private let waitingSince = Atomic<UInt64>(0)
  private let names = Mutex<[String]>([])
  /// What the rank does, moment by moment, where somebody wants to know.
  public let trace: TraceLog

  /// A recorder of a rank that works.
  public init(trace: TraceLog = TraceLog()) {
    self.trace = trace
    words = InlineArray { _ in Atomic<UInt64>(0) }
    lastBeat = Atomic(CoarseClock.now)
  }

  /// Says where the rank is, for messages, and that it works.
  public func note(fold: Int, step: Int) {
    self.fold.store(fold, ordering: .relaxed)
    self.step.store(step, ordering: .relaxed)
    trace.note(fold: fold, step: step)
    beat()
  }

  /// Says that the rank works: to be called at least every few seconds in long computations.
  public func beat() { lastBeat.store(CoarseClock.now, ordering: .relaxed) }

  /// The operations of one group within a recorder.
  public struct Lane: Sendable {
    /// The recorder.
    public let recorder: FlightRecorder
    fileprivate let group: Int

    /// Records an operation around `body`.
    @inline(__always)
    func record<R>(
      _ operation: Operation, byteCount: Int = 0, _ body: () throws -> R
    ) rethrows -> R {
      let place = recorder.begin(operation, group: group, byteCount: byteCount)
      let start = recorder.trace.begin(.operation)
      defer {
        recorder.end(place)
        recorder.trace.end(.operation, since: start, number: byteCount, operation: operation)
      }
      return try body()
    }

    /// A lane of another group of the same rank.
    func lane(of group: String) -> Lane { recorder.lane(of: group) }
  }

  /// A lane for the operations of a group.
  public func lane(of group: String) -> Lane {
    names.withLock { names in
      // Groups of one name share a lane: folds regroup without end.
      if let known = names.firstIndex(of: group) { return Lane(recorder: self, group: known) }
      names.append(group)
      return Lane(recorder: self, group: names.count - 1)
    }
  }

  /// Records that an operation begins, and that the rank waits from now on.
  private func begin(_ operation: Operation, group: Int, byteCount: Int) -> Int {
    let number = count.load(ordering: .relaxed) + 1
    let base = Int((number - 1) % UInt64(Self.capacity)) * Self.width
    let time = CoarseClock.now
    words[base].store(0, ordering: .releasing)
    words[base + 1].store(
      UInt64(operation.rawValue) | UInt64(group) << 8
        | UInt64(UInt32(truncatingIfNeeded: fold.load(ordering: .relaxed))) << 32,
      ordering: .relaxed)
    words[base + 2].store(
      UInt64(bitPattern: Int64(step.load(ordering: .relaxed))), ordering: .relaxed)
    words[base + 3].store(UInt64(byteCount), ordering: .relaxed)
    words[base + 4].store(time, ordering: .relaxed)
    words[base + 5].store(0, ordering: .relaxed)
    words[base].store(number, ordering: .releasing)
    count.store(number, ordering: .releasing)
    waitingSince.store(time, ordering: .relaxed)
    return base
  }

  /// Records that the operation ends, and that the rank works from now on.
  private func end(_ place: Int) {
    let time = CoarseClock.now
    words[place + 5].store(time, ordering: .relaxed)
    lastBeat.store(time, ordering: .relaxed)
    waitingSince.store(0, ordering: .relaxed)
  }

  /// The operations remembered, the oldest first.
  public var records: [Record] { records(after: 0, newest: Self.capacity) }

  /// The operations remembered of those after a number, the newest at most, the oldest first.
  func records(after number: UInt64, newest limit: Int) -> [Record] {
    let last = count.load(ordering: .acquiring)
    let kept = UInt64(max(0, min(limit, Self.capacity)))
    let first = max(number, last > kept ? last - kept : 0) + 1
    guard first <= last else { return [] }
    return (first...last).compactMap(record)
  }

  /// What the rank does now.
  var state: RankState {
    let waiting = waitingSince.load(ordering: .relaxed)
    let since = waiting > 0 ? waiting : lastBeat.load(ordering: .relaxed)
    let last = record(count.load(ordering: .acquiring))
    return RankState(
      activity: waiting > 0 ? .waiting : .working,
      operation: last.map { "\($0.operation)" } ?? "", group: last?.group ?? "",
      fold: fold.load(ordering: .relaxed), step: step.load(ordering: .relaxed),
      seconds: Double(CoarseClock.now - min(since, CoarseClock.now)) * 1e-9)
  }

  /// The record with a number; `nil` if it is gone or being overwritten.
  private func record(_ number: UInt64) -> Record? {
    guard number > 0 else { return nil }
    let base = Int((number - 1) % UInt64(Self.capacity)) * Self.width
    guard words[base].load(ordering: .acquiring) == number else { return nil }
    let packed = words[base + 1].load(ordering: .relaxed)
    let step = Int(Int64(bitPattern: words[base + 2].load(ordering: .relaxed)))
    let byteCount = Int(words[base + 3].load(ordering: .relaxed))
    let (began, ended) = (
      words[base + 4].load(ordering: .relaxed), words[base + 5].load(ordering: .acquiring)
    )
    guard words[base].load(ordering: .acquiring) == number,
      let operation = Operation(rawValue: UInt8(truncatingIfNeeded: packed))
    else { return nil }
    let group = Int(packed >> 8 & 0xFF_FFFF)
    return Record(
      number: number, operation: operation,
      group: names.withLock { $0.indices.contains(group) ? $0[group] : "" }, byteCount: byteCount,
      fold: Int(Int32(truncatingIfNeeded: packed >> 32)), step: step,
      began: Double(began) * 1e-9, ended: ended > 0 ? Double(ended) * 1e-9 : nil)
  }
}
