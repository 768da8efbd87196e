internal import Foundation

/// Shards made ahead of time by a few threads.
///
/// The shards that a rank owns follow one another in a fixed order. Threads take the next one that
/// nobody makes yet, as long as less than `depth` lie between what is made and what was fetched.
/// Since a shard depends on its number alone, it is the same whoever makes it and when.
///
/// `@unchecked Sendable`: the condition's lock guards all that changes.
final class ShardQueue: ShardProvider, @unchecked Sendable {
  private let condition = NSCondition()
  private let shards: Range<Int>
  private let depth: Int
  private var start: ShardPlace
  /// Counts how often the queue began anew: what was made for an earlier beginning is dropped.
  private var beginning = 0
  private var begun = 0
  private var fetched = 0
  private var made: [Int: Result<ShardBatch, FeedingError>] = [:]
  private var free: [ShardBatch] = []
  private var isClosed = false

  /// A queue with its threads at work.
  ///
  /// - Parameters:
  ///   - source: makes the shards.
  ///   - shards: those that the rank owns of every step.
  ///   - threads: how many threads make them.
  ///   - place: where to begin.
  init(_ source: ShardSource, shards: Range<Int>, threads: Int, from place: ShardPlace) {
    precondition(!shards.isEmpty && threads > 0, "there is something to do, and somebody to do it")
    self.shards = shards
    // One for each thread to work on, and one that waits.
    depth = threads + 1
    start = place
    for _ in 0..<threads {
      let thread = Thread { [self] in work(source) }
      thread.name = "segmpi.patches"
      thread.start()
    }
  }

  /// Ends the threads once they have finished the shard in hand.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    made = [:]
    condition.broadcast()
  }

  /// Exchanges `batch` for a made shard, waiting for it if need be. Shards are asked for in their
  /// order; any other begins anew there.
  ///
  /// - Throws: ``FeedingError`` where a subject of this shard could not be read.
  func fetch(_ batch: inout ShardBatch, _ place: ShardPlace) throws(FeedingError) {
    condition.lock()
    defer { condition.unlock() }
    if place != self.place(fetched) { begin(at: place) }
    while made[fetched] == nil { condition.wait() }
    guard let result = made.removeValue(forKey: fetched) else { return }
    fetched += 1
    condition.broadcast()
    let next = try result.get()
    free.append(batch)
    batch = next
  }

  private func begin(at place: ShardPlace) {
    start = place
    beginning += 1
    (begun, fetched) = (0, 0)
    made = [:]
    condition.broadcast()
  }

  /// The shard of a number, counted from the beginning.
  private func place(_ number: Int) -> ShardPlace {
    let position = start.shard - shards.lowerBound + number
    return ShardPlace(
      step: start.step + position / shards.count,
      shard: shards.lowerBound + position % shards.count)
  }

  /// What a thread does until the queue is closed.
  private func work(_ source: ShardSource) {
    var source = source
    condition.lock()
    defer { condition.unlock() }
    while true {
      while !isClosed, begun - fetched >= depth { condition.wait() }
      if isClosed { return }
      let (number, beginning) = (begun, self.beginning)
      let place = self.place(number)
      begun += 1
      var batch = free.popLast() ?? source.makeBatch()
      condition.unlock()
      let result = Result { () throws(FeedingError) -> ShardBatch in
        try source.fill(&batch, step: place.step, shard: place.shard)
        return batch
      }
      condition.lock()
      guard beginning == self.beginning, !isClosed else { continue }
      made[number] = result
      condition.broadcast()
    }
  }
}
