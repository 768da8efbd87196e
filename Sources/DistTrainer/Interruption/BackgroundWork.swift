internal import Foundation

/// Does jobs one after another on a thread of its own: what takes long and nobody waits for.
///
/// At most two jobs are under way or wait, so that what they hold stays bounded: whoever brings a
/// third waits. The first error is kept and thrown to whoever comes next.
///
/// `@unchecked Sendable`: the condition's lock guards all that changes.
final class BackgroundWork: @unchecked Sendable {
  private static let depth = 2

  private let condition = NSCondition()
  private var jobs: [@Sendable () throws -> Void] = []
  /// The jobs that are not finished, the one in hand included.
  private var pending = 0
  private var failure: (any Error)?
  private var isClosed = false

  /// A thread without work.
  ///
  /// - Parameter name: What debuggers call the thread.
  init(name: String) {
    let thread = Thread { [self] in work() }
    thread.name = name
    thread.start()
  }

  /// Hands a job over; waits while two are pending.
  ///
  /// - Throws: the error of an earlier job; the new one is then not done.
  func submit(_ job: @escaping @Sendable () throws -> Void) throws {
    condition.lock()
    defer { condition.unlock() }
    while pending >= Self.depth, failure == nil { condition.wait() }
    if let failure { throw failure }
    jobs.append(job)
    pending += 1
    condition.broadcast()
  }

  /// Throws what a job has thrown, if one has.
  func check() throws {
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
  }

  /// Waits until all jobs are done.
  ///
  /// - Throws: the error of a job.
  func finish() throws {
    condition.lock()
    defer { condition.unlock() }
    while pending > 0, failure == nil { condition.wait() }
    if let failure { throw failure }
  }

  /// Ends the thread once it has done what it was given.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }

  private func work() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      while jobs.isEmpty, !isClosed { condition.wait() }
      guard !jobs.isEmpty else { return }
      let job = jobs.removeFirst()
      let isDone = failure != nil
      condition.unlock()
      let result = Result { if !isDone { try job() } }
      condition.lock()
      pending -= 1
      if case .failure(let error) = result, failure == nil { failure = error }
      condition.broadcast()
    }
  }
}
