internal import Dispatch
internal import Synchronization

/// Work on several threads, where the caller says how many.
///
/// What is computed must not depend on who computes it: each index is a piece of work of its own,
/// taken by whichever thread is free.
public enum ParallelLoop {
  /// Calls `body` with every index below `count`, on up to `threads` threads, this one among them.
  ///
  /// The threads come from the system's pool and go back to it; with one thread it is a plain loop.
  public static func run(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for index in 0..<max(0, count) { body(index) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index)
      }
    }
  }

  /// The results of `body` for every index below `count`, in order.
  ///
  /// - Throws: the error of the lowest index that threw; indices behind it may have been left out.
  ///   Where `body` throws nothing, neither does this.
  public static func map<Result: Sendable, Failure: Error>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Result
  ) throws(Failure) -> [Result] {
    let results = Mutex([Swift.Result<Result, Failure>?](repeating: nil, count: count))
    let failed = Atomic(Int.max)
    run(count, threads: threads) { index in
      guard index < failed.load(ordering: .relaxed) else { return }
      let result: Swift.Result<Result, Failure>
      do throws(Failure) {
        result = .success(try body(index))
      } catch {
        result = .failure(error)
        failed.min(index, ordering: .relaxed)
      }
      results.withLock { $0[index] = result }
    }
    // Indices are handed out in order, so that all before the first failure have a result.
    var values: [Result] = []
    values.reserveCapacity(count)
    for result in results.withLock({ $0 }) {
      if let result { values.append(try result.get()) }
    }
    return values
  }
}
