/// An error that every rank of a communicator throws alike, so that none is left waiting.
public protocol SharedError: Error {
  /// The number of ranks that throw it.
  var size: Int { get }
}

/// A failure that every rank of a communicator knows of, and throws alike.
public struct AgreedError: SharedError, Equatable, CustomStringConvertible {
  /// The lowest rank on which the work failed.
  public var rank: Int
  /// How many ranks failed.
  public var failures: Int
  /// What that rank said.
  public var message: String
  /// The number of ranks that agreed.
  public var size: Int

  /// An error with all its parts.
  public init(rank: Int, failures: Int, message: String, size: Int) {
    self.rank = rank
    self.failures = failures
    self.message = message
    self.size = size
  }

  /// The message, with the rank where there are several.
  public var description: String {
    if size == 1 { return message }
    let others = failures == 1 ? "" : " and \(failures - 1) more"
    return "\(message) (rank \(rank)\(others) of \(size))"
  }
}

extension Communicator {
  /// Runs `body` on this rank and fails on every rank if it failed on one, so that none waits for
  /// a peer that gave up: a file one rank cannot read, a step of preparation, a check.
  ///
  /// Collective: every rank calls it at the same point. A rank that has nothing to do passes an
  /// empty body. The body itself must not communicate: a rank that throws in the middle of an
  /// exchange leaves the others waiting in it.
  /// - Returns: What the body returned on this rank.
  /// - Throws: ``AgreedError``, the same on every rank; ``MPIError``.
  public func agree<R>(_ body: () throws -> R) throws -> R {
    let outcome = Result(catching: body)
    var message: String?
    if case .failure(let error) = outcome { message = String(describing: error) }
    let failures = try allGather([message == nil ? 0 : 1] as [UInt8])
    guard let first = failures.firstIndex(of: 1) else { return try outcome.get() }
    throw AgreedError(
      rank: first, failures: failures.count { $0 == 1 },
      message: try broadcast(message ?? "", root: first), size: size)
  }
}
