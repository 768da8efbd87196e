internal import Compute
internal import Synchronization

/// Shards made when the first of them is asked for, by the threads that otherwise compute.
///
/// Training needs the shards of a step one after another. With one thread they are made one by one;
/// several make those that follow in the same step along with it, a few for each thread, so that none
/// idles for long beside one whose patches cost more.
final class ShardGroup: ShardProvider {
  private let shards: Range<Int>
  private let engine: any Engine
  private let makers: [Maker]
  /// How many shards a thread makes at once.
  private static let shardsPerThread = 4
  /// The shards of `step` that are made and not fetched; `makers[0]` made the first of the group.
  private var made = 0..<0
  private var first = ShardPlace(step: 0, shard: 0)

  /// A group in which nothing is made yet.
  ///
  /// - Parameters:
  ///   - source: makes the shards.
  ///   - shards: those that the rank owns of every step.
  ///   - engine: lends the threads that make them.
  ///   - threads: how many those are, at least 1.
  init(_ source: ShardSource, shards: Range<Int>, engine: any Engine, threads: Int) {
    self.shards = shards
    self.engine = engine
    let count = threads > 1 ? min(threads * Self.shardsPerThread, shards.count) : 1
    makers = (0..<max(1, count)).map { _ in Maker(source) }
  }

  /// Exchanges `batch` for a shard, which is made along with those behind it if it is not yet.
  ///
  /// - Throws: ``FeedingError`` where a subject of this shard could not be read.
  func fetch(_ batch: inout ShardBatch, _ place: ShardPlace) throws(FeedingError) {
    if made.isEmpty || place != ShardPlace(step: first.step, shard: made.lowerBound) {
      make(from: place)
    }
    made.removeFirst()
    try makers[place.shard - first.shard].exchange(&batch)
  }

  func close() {}

  private func make(from place: ShardPlace) {
    precondition(shards.contains(place.shard), "the shard is one that the rank owns")
    first = place
    made = place.shard..<min(place.shard + makers.count, shards.upperBound)
    engine.perform(made.count) { [makers] index in
      makers[index].make(ShardPlace(step: place.step, shard: place.shard + index))
    }
  }

  /// Makes one shard of a group.
  private final class Maker: Sendable {
    private struct State {
      var source: ShardSource
      var batch: ShardBatch
      var failure: FeedingError?
    }

    private let state: Mutex<State>

    init(_ source: ShardSource) {
      state = Mutex(State(source: source, batch: source.makeBatch()))
    }

    func make(_ place: ShardPlace) {
      state.withLock {
        $0.failure = nil
        do throws(FeedingError) {
          try $0.source.fill(&$0.batch, step: place.step, shard: place.shard)
        } catch {
          $0.failure = error
        }
      }
    }

    func exchange(_ batch: inout ShardBatch) throws(FeedingError) {
      let failure = state.withLock { state in
        swap(&state.batch, &batch)
        return state.failure
      }
      if let failure { throw failure }
    }
  }
}
