/// How long a step takes on many ranks, from what was measured of few.
///
/// The exchange of ``OrderedReducer`` by messages, a bucket at a time: each rank sends every other
/// its slice of the bucket, and then its slice of the sum, 2 (P - 1) messages and 2 (P - 1) / P of
/// the bucket's bytes in all. Buckets become known one after another at an even pace in the backward
/// pass of a rank's last shard, and one is under way at a time; what of them arrives after the end of
/// the computation is exposed.
public struct ScalingModel: Sendable, Equatable {
  /// Bytes of a gradient.
  public var gradientBytes: Double
  /// Bytes of a bucket.
  public var bucketBytes: Double
  /// Seconds that a rank computes in a step.
  public var compute: Double
  /// The part of that in which gradients become known: the backward pass of the last shard.
  public var overlappable: Double
  /// Ranks that share a host and its wire.
  public var ranksPerHost: Int
  /// The way between hosts: seconds from a message's departure to its arrival, and bytes a second
  /// of a host's wire in one direction.
  public var wire: AlphaBetaModel
  /// The way between ranks of one host, by rank.
  public var local: AlphaBetaModel
  /// Seconds by which a rank's next message leaves later than the one before.
  public var messageGap: Double

  /// A model with these parameters.
  public init(
    gradientBytes: Double, bucketBytes: Double, compute: Double, overlappable: Double,
    ranksPerHost: Int, wire: AlphaBetaModel, local: AlphaBetaModel, messageGap: Double
  ) {
    self.gradientBytes = gradientBytes
    self.bucketBytes = bucketBytes
    self.compute = compute
    self.overlappable = overlappable
    self.ranksPerHost = ranksPerHost
    self.wire = wire
    self.local = local
    self.messageGap = messageGap
  }

  /// What the model says of one number of ranks.
  public struct Row: Sendable, Equatable {
    /// The number of ranks.
    public var ranks: Int
    /// The number of hosts.
    public var hosts: Int
    /// Seconds of the whole exchange, were there nothing to overlap it with.
    public var communication: Double
    /// Seconds of it that a step waits for.
    public var exposed: Double
    /// Seconds of a step.
    public var step: Double
    /// The computation's part of a step: what each rank of a larger group still gets done.
    public var efficiency: Double
  }

  /// Seconds of one bucket on its way among `ranks` ranks.
  public func bucketSeconds(_ bytes: Double, ranks: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let onHost = min(ranks, max(1, ranksPerHost))
    let share = bytes / Double(ranks)
    let messages = 2 * Double(ranks - 1) * messageGap
    // Each of a host's ranks sends this much to each rank elsewhere, through one wire.
    let outward = 2 * Double(onHost) * Double(ranks - onHost) * share
    let inward = 2 * Double(onHost - 1) * share
    let latency = 2 * (ranks > onHost ? wire.latency : local.latency)
    // The wire and memory work at the same time.
    return latency + messages
      + max(outward * wire.secondsPerByte, inward * local.secondsPerByte)
  }

  /// What a step of `compute` seconds takes on `ranks` ranks.
  public func row(ranks: Int) -> Row {
    let count = max(1, (gradientBytes / bucketBytes).rounded(.up))
    let one = bucketSeconds(gradientBytes / count, ranks: ranks)
    // The k-th of n buckets is known (n - k) / n of the backward pass before its end.
    var arrival = 0.0
    for number in stride(from: 1, through: count, by: 1) {
      let known = compute - overlappable * (count - number) / count
      arrival = max(arrival, known) + one
    }
    let exposed = ranks > 1 ? arrival - compute : 0
    let hosts = (ranks + max(1, ranksPerHost) - 1) / max(1, ranksPerHost)
    return Row(
      ranks: ranks, hosts: hosts, communication: one * count, exposed: exposed,
      step: compute + exposed, efficiency: compute / (compute + exposed))
  }

  /// The powers of two from 1 to `limit`.
  public func rows(upTo limit: Int) -> [Row] {
    sequence(first: 1) { $0 < limit ? min(2 * $0, limit) : nil }.map { row(ranks: $0) }
  }

  /// What the figures rest on, a sentence each.
  public static let assumptions = [
    "Weak scaling: every rank computes as long on many ranks as on one, so the shards of a step grow "
      + "with the ranks.",
    "All ranks are equally fast, all hosts alike, and the switch passes every host's full rate on.",
    "Gradients become known at an even pace in the backward pass of a rank's last shard.",
    "One bucket is on its way at a time; polling moves it without cost to the computation.",
    "The ranks of a host share its wire; messages go from each rank to each other, not by host.",
    "Reading data, validation and checkpoints are not part of a step.",
  ]
}
