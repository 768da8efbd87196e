/// What another rank did last, put together from what its watchdog told now and then.
///
/// A rank that is stopped, or whose host is cut off, can tell nothing any more: what it told before is
/// all that is known of it.
struct FlightHistory: Sendable, Equatable {
  /// The operations known, the oldest first, at most ``FlightRecorder/capacity``. Where a rank is
  /// faster than it may tell, numbers are left out.
  private(set) var lines: [FlightRecorder.Line] = []

  /// Takes newer lines, in order; where they overlap with those known they replace them.
  mutating func take(_ newer: [FlightRecorder.Line]) {
    guard let first = newer.first else { return }
    while let last = lines.last, last.number >= first.number { lines.removeLast() }
    lines += newer
    if lines.count > FlightRecorder.capacity {
      lines.removeFirst(lines.count - FlightRecorder.capacity)
    }
  }
}

/// What a rank has to tell of its operations: each of them once, and those under way again.
struct FlightNews: Sendable {
  /// The operations up to here were told, with their ends.
  private var told: UInt64 = 0
  /// How many are told at once.
  private let limit: Int

  /// News of a rank among `ranks`: all reports of a moment together stay bounded, so that of very many
  /// ranks each tells its newest operations only.
  init(ranks: Int) { limit = max(1, min(FlightRecorder.capacity, 2048 / max(1, ranks))) }

  /// The operations that were not told yet, the newest at most.
  mutating func next(of recorder: FlightRecorder) -> [FlightRecorder.Line] {
    let lines = recorder.lines(after: told, newest: limit)
    guard let last = lines.last else { return [] }
    told = (lines.first { $0.ended == nil }?.number).map { $0 - 1 } ?? last.number
    return lines
  }
}
