/// Why a run does not start: what, where, and how to mend it, in one sentence.
public struct LaunchError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
