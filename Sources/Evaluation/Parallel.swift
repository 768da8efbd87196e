internal import Dispatch
internal import Synchronization

/// Work divided among threads without any of it depending on how.
public enum Parallel {
  /// `body` of 0, 1, …, `count - 1`, in that order whatever thread computed which.
  ///
  /// Threads take the next index when they are done with one, so that unequal pieces balance.
  /// With one thread everything runs in the caller's.
  /// - Parameters:
  ///   - count: how many values.
  ///   - threads: how many threads at most; the system may lend fewer.
  ///   - body: computes one value from its index alone.
  /// - Returns: the values by index.
  public static func map<Value: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) -> Value
  ) -> [Value] {
    let workers = min(threads, count)
    guard workers > 1 else { return (0..<count).map(body) }
    let next = Atomic<Int>(0)
    let values = Mutex<[Value?]>(Array(repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let value = body(index)
        values.withLock { $0[index] = value }
      }
    }
    return values.withLock { $0.compactMap(\.self) }
  }
}
