public import Collective
internal import Evaluation

/// Times messages between two ranks: how long one takes, by length, and how fast they follow each
/// other.
public struct MessageBenchmark: Sendable {
  /// One way of a message: half of a round trip.
  public let model: AlphaBetaModel
  /// Median seconds of one way by length, ascending.
  public let points: [(bytes: Int, seconds: Double)]
  /// Seconds between two short messages of one rank.
  public let gap: Double

  /// The lengths that are timed.
  public static let lengths = [8, 1 << 10, 1 << 13, 1 << 16, 1 << 18, 1 << 20, 1 << 22]

  /// Times rank 0 and the last rank, which is on another host where there are several; the others
  /// wait.
  ///
  /// Collective; at least two ranks.
  /// - Parameters:
  ///   - communicator: the ranks.
  ///   - repetitions: round trips a length.
  /// - Throws: `MPIError`.
  public init(over communicator: any Communicator, repetitions: Int = 21) throws {
    precondition(communicator.size > 1, "a message needs two ranks")
    let lane = try communicator.duplicate(name: "\(communicator.name), messages")
    let (rank, peer) = (lane.rank, lane.size - 1)
    var points: [(bytes: Int, seconds: Double)] = []
    for length in Self.lengths {
      var message = [UInt8](repeating: 1, count: length)
      var times: [Double] = []
      try lane.barrier()
      // The first makes connections and touches memory.
      for repetition in 0...repetitions {
        let start = ContinuousClock.now
        if rank == 0 {
          try lane.send(message.span, to: peer)
          var span = message.mutableSpan
          try lane.receive(into: &span, from: peer)
        } else if rank == peer {
          var span = message.mutableSpan
          try lane.receive(into: &span, from: 0)
          try lane.send(message.span, to: 0)
        }
        if repetition > 0 { times.append(start.duration(to: .now) / .seconds(2)) }
      }
      points.append((length, try lane.broadcast(Quantile.median(times), root: 0)))
    }
    self.points = points
    guard let model = AlphaBetaModel(fitting: points) else {
      preconditionFailure("there are several lengths")
    }
    self.model = model
    gap = try Self.gap(over: lane, peer: peer, repetitions: repetitions)
  }

  /// Seconds a message in a burst of short ones, sending or receiving, whichever takes longer.
  private static func gap(
    over lane: any Communicator, peer: Int, repetitions: Int
  ) throws -> Double {
    let burst = 128
    var times: [Double] = []
    var message: [Int64] = [0]
    try lane.barrier()
    for _ in 0..<repetitions {
      let start = ContinuousClock.now
      if lane.rank == 0 {
        for _ in 0..<burst { try lane.send(message.span, to: peer) }
        var span = message.mutableSpan
        try lane.receive(into: &span, from: peer)
      } else if lane.rank == peer {
        var span = message.mutableSpan
        for _ in 0..<burst { try lane.receive(into: &span, from: 0) }
        try lane.send(message.span, to: 0)
      }
      times.append(start.duration(to: .now) / .seconds(1) / Double(burst + 1))
    }
    return try lane.broadcast(Quantile.median(times), root: 0)
  }
}
