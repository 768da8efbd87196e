public import Collective
internal import Evaluation

/// Times the exchange of gradients beside a computation that makes them known bit by bit, as a
/// backward pass does.
///
/// The computation is arithmetic of a fixed amount, not of a fixed time: what polling costs it counts.
/// Three things are timed turn by turn: the computation alone, the exchange alone, both together.
public struct OverlapBenchmark: Sendable {
  /// What is timed.
  public struct Settings: Sendable {
    /// Bytes of a gradient, a multiple of 4.
    public var bytes = 1 << 24
    /// How many times as long as the exchange alone the computation takes.
    public var computeRatio = 2.0
    /// In how many parts the gradient becomes known, one after each slice of the computation.
    public var slices = 64
    /// Rounds that are counted.
    public var repetitions = 11
    /// How gradients travel; nil measures at the start.
    public var route: ReductionRoute?

    /// The standard settings.
    public init() {}
  }

  /// The number of ranks.
  public let ranks: Int
  /// The settings.
  public let settings: Settings
  /// The route that was taken.
  public let route: ReductionRoute
  /// Median seconds of the computation, of the exchange and of both together, the slowest rank's.
  public let compute: Double, exchange: Double, together: Double
  /// The median over rounds of `1 - (together - compute) / exchange`.
  public let overlap: Double
  /// The median over rounds of the part of `together` that rank 0 did nothing but wait.
  public let exposedFraction: Double

  /// Times all three.
  ///
  /// Collective; at least two ranks.
  /// - Throws: `MPIError`.
  public init(over communicator: any Communicator, _ settings: Settings = Settings()) throws {
    precondition(communicator.size > 1, "an exchange needs two ranks")
    ranks = communicator.size
    self.settings = settings
    var shards = 1
    while shards < communicator.size { shards *= 2 }
    let route =
      try settings.route
      ?? RouteMeasurement.take(over: communicator, shardCount: shards)?.route ?? .standard
    self.route = route
    let count = settings.bytes / 4
    guard let alone = try communicator.split(color: communicator.rank, key: 0, name: "alone") else {
      preconditionFailure("a rank with a color belongs to a group")
    }
    var trial = Trial(
      gradient: [Float](repeating: 1, count: count), sum: [Float](repeating: 0, count: count),
      slices: min(settings.slices, max(1, count)), state: Float(communicator.size))
    var joint = try OrderedReducer(
      communicator: communicator, shardCount: shards, elementCount: count, route: route)
    var single = try OrderedReducer(communicator: alone, shardCount: 1, elementCount: count)

    func slowest(_ body: () throws -> Void) throws -> Double {
      try communicator.barrier()
      let start = ContinuousClock.now
      try body()
      return try communicator.allReduce(start.duration(to: .now) / .seconds(1), by: .maximum)
    }
    // So much arithmetic that it takes as long as is asked for: measured once all is warm.
    var rounds = [Double]()
    for _ in 0..<3 { rounds.append(try slowest { try trial.run(&joint, work: 0) }) }
    let wanted = settings.computeRatio * Quantile.median(rounds)
    let probe = 1 << 22
    var rates = [Double]()
    for _ in 0..<5 { rates.append(try slowest { trial.compute(probe) } / Double(probe)) }
    let work = try communicator.broadcast(
      Int(wanted / max(Quantile.median(rates), 1e-12)) / trial.slices, root: 0)

    var times: [(compute: Double, exchange: Double, together: Double, exposed: Double)] = []
    for repetition in 0...settings.repetitions {
      let compute = try slowest { try trial.run(&single, work: work) }
      let exchange = try slowest { try trial.run(&joint, work: 0) }
      joint.resetCost()
      let together = try slowest { try trial.run(&joint, work: work) }
      // The first round is warming up.
      if repetition > 0 {
        times.append((compute, exchange, together, joint.cost.exposed / .seconds(1)))
      }
    }
    func median(
      _ value: ((compute: Double, exchange: Double, together: Double, exposed: Double)) -> Double
    ) -> Double {
      Quantile.median(times.map(value))
    }
    compute = median { $0.compute }
    exchange = median { $0.exchange }
    together = median { $0.together }
    overlap = median { 1 - ($0.together - $0.compute) / $0.exchange }
    exposedFraction = median { $0.exposed / $0.together }
  }

  /// A gradient that becomes known slice by slice, from its end, as in a backward pass.
  private struct Trial {
    let gradient: [Float]
    var sum: [Float]
    let slices: Int
    /// What the arithmetic goes on from; of a constant the compiler would know the outcome.
    var state: Float

    /// Computes and adds every slice on all of the rank's shards, then takes the sum.
    mutating func run(_ reducer: inout OrderedReducer, work: Int) throws {
      let count = gradient.count
      for shard in reducer.ownShards {
        for slice in stride(from: slices - 1, through: 0, by: -1) {
          // Only the last shard's backward pass is overlapped; the others' would only add to it.
          if shard == reducer.ownShards.last { compute(work) }
          let elements = (count * slice / slices)..<(count * (slice + 1) / slices)
          if !elements.isEmpty {
            try reducer.add(shard: shard, elements: elements, of: gradient.span)
          }
          try reducer.poll()
        }
      }
      var target = sum.mutableSpan
      try reducer.finish(into: &target)
    }

    /// `amount` dependent multiply-adds.
    mutating func compute(_ amount: Int) {
      var value = state
      for _ in 0..<amount { value = value * 0.999_999 + 1e-6 }
      // Whoever needs a result later may be computed later, after the clock was read: it is needed here.
      precondition(value.isFinite, "the arithmetic stays finite")
      state = value
    }
  }
}
