/// A communication that failed: what, where and why.
///
/// After such an error the library's state is undefined: the rank reports and ends the job, which
/// ``MPIEnvironment/run(threadLevel:exitStatus:_:)`` does for every error that leaves its body.
public struct MPIError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The kinds of failure that callers may want to tell apart.
  public enum Kind: Equatable, Sendable {
    /// A message is longer or shorter than the buffer that receives it.
    case length
    /// A rank outside the group.
    case rank
    /// A root outside the group.
    case root
    /// A tag outside ``Tags/valid``.
    case tag
    /// Another rank failed or does not answer.
    case peer
    /// MPI was started wrongly: by another MPI's launcher, twice, or with too few threads.
    case environment
    /// Another error class of the MPI library.
    case other(Int)
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// The library's own words.
  public var text: String
  /// The call that failed, for example `MPI_Recv`.
  public var operation: String
  /// The name of the communicator.
  public var communicator: String

  /// An error with all its parts.
  public init(kind: Kind, text: String, operation: String, communicator: String) {
    self.kind = kind
    self.text = text
    self.operation = operation
    self.communicator = communicator
  }

  /// One sentence.
  public var description: String {
    "\(operation) on communicator '\(communicator)' failed: \(text)"
  }
}

extension Communicator {
  /// Refuses ranks outside the group and tags outside the range, before a message is posted.
  func check(peer: Int, tag: Int, operation: String) throws {
    guard (0..<size).contains(peer) else {
      throw failure(.rank, "rank \(peer) is not in 0..<\(size)", operation)
    }
    guard Tags.valid.contains(tag) else {
      throw failure(.tag, "tag \(tag) is not in \(Tags.valid)", operation)
    }
  }

  /// Refuses a root outside the group.
  func check(root: Int, operation: String) throws {
    guard (0..<size).contains(root) else {
      throw failure(.root, "root \(root) is not in 0..<\(size)", operation)
    }
  }

  /// Refuses a message of another length than the buffer that receives it.
  func check(received: Int, expected: Int, from source: Int, operation: String) throws {
    guard received == expected else {
      throw failure(
        .length, "rank \(source) sent \(received) bytes where \(expected) were expected", operation)
    }
  }

  /// An error that names this communicator.
  func failure(_ kind: MPIError.Kind, _ text: String, _ operation: String) -> MPIError {
    MPIError(kind: kind, text: text, operation: operation, communicator: name)
  }
}
