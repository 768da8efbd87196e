/// How far a rank's clock was from rank 0's at a moment.
public struct ClockReading: Sendable, Equatable, Codable {
  /// When it was found, in nanoseconds of the rank's own clock.
  public var time: Int64
  /// What must be added to that to have rank 0's time, in nanoseconds.
  public var offset: Int64
  /// How wrong ``offset`` can be: half of the shortest round trip, in nanoseconds.
  public var uncertainty: Int64

  /// A reading.
  public init(time: Int64, offset: Int64, uncertainty: Int64) {
    self.time = time
    self.offset = offset
    self.uncertainty = uncertainty
  }
}

/// Turns a rank's times into rank 0's: by two readings and the straight line through them, since
/// clocks of different hosts do not only differ, but drift apart.
public struct ClockAlignment: Sendable, Equatable, Codable {
  /// The reading at the beginning.
  public var first: ClockReading
  /// The reading at the end.
  public var last: ClockReading

  /// An alignment.
  public init(first: ClockReading, last: ClockReading) {
    self.first = first
    self.last = last
  }

  /// The time of rank 0's clock when the rank's own shows `time`.
  public func aligned(_ time: Int64) -> Int64 {
    let span = last.time - first.time
    guard span > 0 else { return time + first.offset }
    let share = Double(time - first.time) / Double(span)
    return time + first.offset + Int64((share * Double(last.offset - first.offset)).rounded())
  }

  /// How wrong aligned times can be near the two readings, in nanoseconds.
  public var uncertainty: Int64 { max(first.uncertainty, last.uncertainty) }
}

extension Communicator {
  /// Compares every rank's clock with rank 0's: messages back and forth, of which the fastest round
  /// trip tells most. Rank 0's answer is taken to have been given in its middle.
  ///
  /// Collective; takes as long as `rounds` round trips a rank.
  /// - Parameters:
  ///   - rounds: how many round trips a rank.
  ///   - clock: this rank's clock, in nanoseconds.
  /// - Returns: this rank's reading; on rank 0 an offset of 0.
  /// - Throws: ``MPIError``.
  public func compareClocks(
    rounds: Int = 32, _ clock: () -> Int64
  ) throws -> ClockReading {
    precondition(rounds > 0, "a clock is compared at least once")
    let tag = 0
    var message: [Int64] = [0]
    guard rank > 0 else {
      for peer in 1..<max(1, size) {
        for _ in 0..<rounds {
          var span = message.mutableSpan
          try receive(into: &span, from: peer, tag: tag)
          try send([clock()].span, to: peer, tag: tag)
        }
      }
      return ClockReading(time: clock(), offset: 0, uncertainty: 0)
    }
    var best: (trip: Int64, reading: ClockReading)?
    for _ in 0..<rounds {
      let sent = clock()
      try send(message.span, to: 0, tag: tag)
      var span = message.mutableSpan
      try receive(into: &span, from: 0, tag: tag)
      let received = clock()
      let trip = received - sent
      guard best.map({ trip < $0.trip }) ?? true else { continue }
      let middle = sent + trip / 2
      best = (
        trip,
        ClockReading(
          time: middle, offset: message[0] - middle, uncertainty: (trip + 1) / 2)
      )
    }
    guard let best else { preconditionFailure("a clock is compared at least once") }
    return best.reading
  }
}
