/// What was measured of the way between ranks, and the route that follows from it.
///
/// The route changes speed, never bits, so that it may depend on the clock.
public struct RouteMeasurement: Sendable {
  /// The route found best.
  public let route: ReductionRoute
  /// How sums travelled when it was measured.
  public let format: WireFormat
  /// The time that a message takes however short it is, in seconds.
  public let latency: Double
  /// The rate at which long messages travel from a rank to its neighbor while all do so, in bytes
  /// a second.
  public let bandwidth: Double
  /// Seconds of one all-reduce of ``trialLength`` elements as messages, and through shared memory
  /// where there is any.
  public let trials: (messages: Double, sharedMemory: Double?)

  /// The number of elements of a trial.
  public static let trialLength = 1 << 18

  // A bucket so long that latency is a twentieth of its time, within these bounds: shorter ones
  // drown in calls (a rank's own work for a message, beside its computation, is some microseconds),
  // longer ones leave little to overlap.
  private static let latencyShare = 0.05
  private static let bucketBytes = (1 << 19)...(1 << 22)
  // What shares memory shares caches: a bucket of each rank fits into the second level.
  private static let sharedBucketLength = 1 << 16

  /// Measures messages of two lengths between neighbors, or more where those take the same time, then
  /// whole all-reduces.
  ///
  /// Collective; takes some milliseconds on one host and a fraction of a second on a slow network.
  /// - Parameters:
  ///   - communicator: The ranks.
  ///   - shardCount: V.
  ///   - format: How sums travel.
  /// - Returns: The same on every rank; `nil` for a group of one, which needs no route.
  /// - Throws: ``MPIError``.
  public static func take(
    over communicator: any Communicator, shardCount: Int, format: WireFormat = .float32
  ) throws -> RouteMeasurement? {
    guard communicator.size > 1 else { return nil }
    let lane = try communicator.duplicate(name: "\(communicator.name), measuring")
    var samples: [MessageFit.Sample] = []
    while let byteCount = MessageFit.next(after: samples) {
      // The same on all ranks, so that all measure the same lengths.
      samples.append(
        MessageFit.Sample(byteCount: byteCount, seconds: try messageTime(byteCount, over: lane)))
    }
    let fit = MessageFit(samples)
    let bytes = fit.byteCount(latencyShare: latencyShare, within: bucketBytes)
    let messages = ReductionRoute.messages(bucketLength: bytes / format.elementBytes)
    let shared = ReductionRoute.sharedMemory(bucketLength: sharedBucketLength)
    let trial = try trialTime(messages, over: lane, shardCount: shardCount, format: format)
    var sharedTrial: Double?
    if try lane.shareMemory(byteCount: 0, signalCount: 1) != nil {
      sharedTrial = try trialTime(shared, over: lane, shardCount: shardCount, format: format)
    }
    try lane.free()
    let isSharedFaster = sharedTrial.map { $0 < trial } ?? false
    return RouteMeasurement(
      route: isSharedFaster ? shared : messages, format: format, latency: fit.latency,
      bandwidth: fit.bandwidth, trials: (trial, sharedTrial))
  }

  /// Seconds of one exchange with the neighbors, the slowest rank's best of several.
  private static func messageTime(
    _ byteCount: Int, over communicator: any Communicator
  ) throws -> Double {
    let outgoing = [UInt8](repeating: 0, count: byteCount)
    var incoming = outgoing
    let (next, previous) = (
      (communicator.rank + 1) % communicator.size,
      (communicator.rank + communicator.size - 1) % communicator.size
    )
    return try best(over: communicator) {
      var target = incoming.mutableSpan
      try communicator.sendReceive(
        outgoing.span, to: next, into: &target, from: previous, tag: 0)
    }
  }

  /// Seconds of one all-reduce by a route.
  private static func trialTime(
    _ route: ReductionRoute, over communicator: any Communicator, shardCount: Int,
    format: WireFormat
  ) throws -> Double {
    var reducer = try OrderedReducer(
      communicator: communicator, shardCount: shardCount, elementCount: trialLength, route: route,
      format: format)
    let gradient = [Float](repeating: 1, count: trialLength)
    var sum = gradient
    return try best(over: communicator) {
      for shard in reducer.ownShards { try reducer.add(shard: shard, gradient.span) }
      var target = sum.mutableSpan
      try reducer.finish(into: &target)
    }
  }

  private static func best(
    of repetitions: Int = 5, over communicator: any Communicator, _ body: () throws -> Void
  ) throws -> Double {
    // The first time, connections are made and memory is touched.
    try body()
    var best = Double.infinity
    for _ in 0..<repetitions {
      try communicator.barrier()
      let start = ContinuousClock.now
      try body()
      best = min(best, start.duration(to: .now) / .seconds(1))
    }
    return try communicator.allReduce(best, by: .maximum)
  }
}

extension RouteMeasurement: CustomStringConvertible {
  /// One line for the log.
  public var description: String {
    func decimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    let way =
      switch route {
      case .messages(let length):
        "messages in buckets of \(length * format.elementBytes / 1024) KiB"
      case .sharedMemory(let length):
        "shared memory in buckets of \(length * format.elementBytes / 1024) KiB"
      }
    let other = trials.sharedMemory.map { ", through shared memory \(decimal($0 * 1e3)) ms" } ?? ""
    return "gradients travel by \(way) (latency \(decimal(latency * 1e6)) us, "
      + "\(decimal(bandwidth / 1e6)) MB/s; \(Self.trialLength / 1024) Ki elements as messages \(decimal(trials.messages * 1e3)) ms"
      + "\(other))"
  }
}
