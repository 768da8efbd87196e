internal import Volumes

/// Where prepared subjects come from while training runs.
protocol SubjectStore: Sendable {
  /// How many there are.
  var count: Int { get }

  /// The name of one, for messages.
  func name(_ index: Int) -> String

  /// One of them, ready to be sampled; called on any thread.
  ///
  /// - Throws: what keeps it from being read, in one sentence that names the file and the remedy.
  func subject(_ index: Int) throws -> PreparedSubject
}

/// Subjects that stay in memory.
struct HeldSubjects: SubjectStore {
  let subjects: [PreparedSubject]

  var count: Int { subjects.count }

  func name(_ index: Int) -> String { subjects[index].name }

  func subject(_ index: Int) -> PreparedSubject { subjects[index] }
}

/// A subject that could not be read in the midst of training.
public struct FeedingError: Error, CustomStringConvertible {
  /// The subject's name.
  public let subject: String
  /// Why; names the file.
  public let cause: any Error

  /// The sentence to print.
  public var description: String {
    "training cannot go on without the subject \(subject): \(cause)"
  }
}
