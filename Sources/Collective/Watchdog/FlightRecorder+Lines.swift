extension FlightRecorder {
  /// A record as a line of JSON.
  struct Line: Sendable, Equatable, Codable {
    var number: UInt64
    var operation: String
    var group: String
    var bytes: Int
    var fold: Int
    var step: Int
    /// Seconds of the host's monotonic clock.
    var began: Double
    /// `nil` while the operation is under way.
    var ended: Double?
  }

  /// The operations remembered, the oldest first.
  var lines: [Line] { lines(after: 0, newest: Self.capacity) }

  /// The operations remembered of those after a number, the newest at most, the oldest first.
  func lines(after number: UInt64, newest limit: Int) -> [Line] {
    records(after: number, newest: limit).map {
      Line(
        number: $0.number, operation: "\($0.operation)", group: $0.group, bytes: $0.byteCount,
        fold: $0.fold, step: $0.step, began: $0.began, ended: $0.ended)
    }
  }
}
