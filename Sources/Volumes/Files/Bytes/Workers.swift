internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A few threads for one piece of work, gone when it ends.
enum Workers {
  /// The cores of this machine, at most 8. Threads inherit the cores that a launcher bound the process
  /// to, so those of a rank never run on its neighbors'.
  static let available = max(1, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))

  /// The results of `body` for 0, 1, …, `count` - 1, in order, computed by `threads` threads, the
  /// caller among them.
  static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable @escaping (Int) -> Result
  ) -> [Result] {
    let job = Job(count: count, body: body)
    var helpers: [pthread_t] = []
    for _ in 1..<max(2, min(threads, count)) where threads > 1 && count > 1 {
      let context = unsafe Unmanaged.passRetained(job as Work).toOpaque()
      var thread = pthread_t(bitPattern: 0)
      let status = unsafe pthread_create(
        &thread, nil,
        { context in
          #if canImport(Glibc)
            guard let context = unsafe context else { return nil }
          #endif
          unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
          return nil
        }, context)
      guard status == 0 else {
        // No further thread is to be had: those that there are do the work.
        unsafe Unmanaged<Work>.fromOpaque(context).release()
        break
      }
      helpers.append(thread)
    }
    job.run()
    for helper in helpers { pthread_join(helper, nil) }
    return job.results
  }

  /// What a thread runs, without the type of its results.
  private class Work {
    func run() {}
  }

  private final class Job<Result: Sendable>: Work {
    private let count: Int
    private let body: @Sendable (Int) -> Result
    private let next = Atomic<Int>(0)
    private let done: Mutex<[Result?]>

    init(count: Int, body: @escaping @Sendable (Int) -> Result) {
      self.count = count
      self.body = body
      done = Mutex([Result?](repeating: nil, count: count))
    }

    override func run() {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result = body(index)
        done.withLock { $0[index] = result }
      }
    }

    var results: [Result] { done.withLock { $0.compactMap(\.self) } }
  }
}
