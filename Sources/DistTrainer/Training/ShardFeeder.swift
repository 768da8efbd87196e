internal import Collective
internal import Compute

/// Gives a trainer the inputs of its shards: made when they are asked for, by the threads that
/// otherwise compute, or ahead of time by threads of their own. What they hold is the same.
final class ShardFeeder {
  private let provider: any ShardProvider
  private var batch: ShardBatch

  /// A feeder for the shards that one rank owns.
  ///
  /// - Parameters:
  ///   - experiment: what a shard is made of.
  ///   - subjects: the subjects of the fold.
  ///   - fold: the fold, from 0.
  ///   - shards: those that this rank owns of every step.
  ///   - engine: lends its threads where none make shards ahead of time.
  ///   - threads: how many threads make them ahead of time; 0 makes them when they are asked for,
  ///     with the `compute.threads` threads of the engine.
  ///   - step: the step that comes first.
  ///   - trace: where the making of shards is recorded.
  /// - Throws: `VolumeError` for settings that make no sense.
  init(
    _ experiment: Experiment, subjects: any SubjectStore, fold: Int, shards: Range<Int>,
    engine: any Engine, threads: Int, step: Int = 0, trace: TraceLog = TraceLog()
  ) throws {
    var source = try ShardSource(experiment, subjects: subjects, fold: fold)
    source.trace = trace
    batch = source.makeBatch()
    provider =
      threads > 0 && !shards.isEmpty
      ? ShardQueue(
        source, shards: shards, threads: threads,
        from: ShardPlace(step: step, shard: shards.lowerBound))
      : ShardGroup(
        source, shards: shards, engine: engine,
        threads: experiment.configuration.compute.threads)
  }

  deinit { provider.close() }

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
    try provider.fetch(&batch, ShardPlace(step: step, shard: shard))
  }
}
