internal import Collective

/// Gives a trainer the inputs of its shards: made when they are asked for, or ahead of time by
/// threads of their own. What they hold is the same.
final class ShardFeeder {
  private var source: ShardSource
  private let queue: ShardQueue?
  private var batch: ShardBatch

  /// A feeder for the shards that one rank owns.
  ///
  /// - Parameters:
  ///   - experiment: what a shard is made of.
  ///   - subjects: the subjects of the fold.
  ///   - fold: the fold, from 0.
  ///   - shards: those that this rank owns of every step.
  ///   - threads: how many threads make them ahead of time; 0 makes them when they are asked for.
  ///   - step: the step that comes first.
  ///   - trace: where the making of shards is recorded.
  /// - Throws: `VolumeError` for settings that make no sense.
  init(
    _ experiment: Experiment, subjects: any SubjectStore, fold: Int, shards: Range<Int>,
    threads: Int, step: Int = 0, trace: TraceLog = TraceLog()
  ) throws {
    source = try ShardSource(experiment, subjects: subjects, fold: fold)
    source.trace = trace
    batch = source.makeBatch()
    queue =
      threads > 0 && !shards.isEmpty
      ? ShardQueue(
        source, shards: shards, threads: threads,
        from: .init(step: step, shard: shards.lowerBound)) : nil
  }

  deinit { queue?.close() }

  /// The time it took to have the subjects of the shard at hand.
  var load: Duration { batch.load }

  /// The time it took to draw and change its patches.
  var augment: Duration { batch.augment }

  /// The images of the shard that was asked for last, `[shardSize, C, spatial…]`.
  var images: [Float] { batch.images }

  /// Their classes on the network's output, `[shardSize, spatial…]`.
  var labels: [UInt8] { batch.labels }

  /// Where in their volumes they lie, `[shardSize, 3]`.
  var positions: [Float] { batch.positions }

  /// Goes to a shard of a step, which must be one that this rank owns.
  ///
  /// - Throws: ``FeedingError``.
  func advance(step: Int, shard: Int) throws {
    if let queue {
      try queue.fetch(&batch, .init(step: step, shard: shard))
    } else {
      try source.fill(&batch, step: step, shard: shard)
    }
  }
}
