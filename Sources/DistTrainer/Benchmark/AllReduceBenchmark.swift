public import Collective
internal import Evaluation

/// Times the ordered all-reduce beside the library's own, on the same ranks, turn by turn.
public struct AllReduceBenchmark: Sendable {
  /// What was found for one length.
  public struct Row: Sendable {
    /// Bytes of a gradient.
    public var bytes: Int
    /// Median seconds of the ordered all-reduce, the slowest rank's, with the adding of one shard.
    public var ordered: Double
    /// Median seconds of `MPI_Allreduce`, the slowest rank's.
    public var library: Double
    /// The median of the ratios of neighbors in time.
    public var ratio: Double
    /// The rate at which the ordered all-reduce uses each rank's wire: 2(P-1)/P bytes over
    /// seconds.
    public var busBandwidth: Double
    /// The same of the library's.
    public var libraryBusBandwidth: Double
  }

  /// The number of ranks P.
  public let ranks: Int
  /// The route that was taken.
  public let route: RouteMeasurement?
  /// By ascending length.
  public let rows: [Row]

  /// The ordered all-reduce as a function of its bytes; nil for one length.
  public var orderedModel: AlphaBetaModel? {
    AlphaBetaModel(fitting: rows.map { ($0.bytes, $0.ordered) })
  }

  /// The library's as a function of its bytes; nil for one length.
  public var libraryModel: AlphaBetaModel? {
    AlphaBetaModel(fitting: rows.map { ($0.bytes, $0.library) })
  }

  /// Times all lengths.
  ///
  /// Collective.
  /// - Parameters:
  ///   - communicator: the ranks; at least two.
  ///   - bytes: the lengths, multiples of 4.
  ///   - repetitions: pairs a length.
  ///   - backToBack: how many all-reduces follow each other within one timing, so that a wire's
  ///     buffers do not count as speed.
  ///   - isLibraryAlone: whether the library's is timed without ours in between, as another
  ///     program times it; ours is then timed once a length.
  /// - Throws: `MPIError`.
  public init(
    over communicator: any Communicator, bytes: [Int], repetitions: Int = 15,
    backToBack: Int = 4, isLibraryAlone: Bool = false
  ) throws {
    ranks = communicator.size
    var shards = 1
    while shards < communicator.size { shards *= 2 }
    route = try RouteMeasurement.take(over: communicator, shardCount: shards)
    var rows: [Row] = []
    for length in bytes.sorted() {
      let count = length / 4
      let gradient = [Float](repeating: 1, count: count)
      var sum = gradient
      var reducer = try OrderedReducer(
        communicator: communicator, shardCount: shards, elementCount: count,
        route: route?.route ?? .messages(bucketLength: count))
      func time(_ body: () throws -> Void) throws -> Double {
        try communicator.barrier()
        let start = ContinuousClock.now
        for _ in 0..<backToBack { try body() }
        let seconds = start.duration(to: .now) / .seconds(1) / Double(backToBack)
        return try communicator.allReduce(seconds, by: .maximum)
      }
      var ordered: [Double] = []
      var library: [Double] = []
      for repetition in 0...repetitions {
        let one =
          isLibraryAlone && repetition > 1
          ? ordered[0]
          : try time {
            for shard in reducer.ownShards { try reducer.add(shard: shard, gradient.span) }
            var target = sum.mutableSpan
            try reducer.finish(into: &target)
          }
        let other = try time {
          var target = sum.mutableSpan
          try communicator.allReduce(inPlace: &target)
        }
        // The first pair touches memory and makes connections.
        guard repetition > 0 else { continue }
        ordered.append(one)
        library.append(other)
      }
      let median = Quantile.median(ordered)
      let other = Quantile.median(library)
      let share = 2 * Double(ranks - 1) / Double(ranks)
      rows.append(
        Row(
          bytes: length, ordered: median, library: other,
          ratio: Quantile.median(zip(ordered, library).map { $0 / $1 }),
          busBandwidth: share * Double(length) / median,
          libraryBusBandwidth: share * Double(length) / other))
    }
    self.rows = rows
  }
}
