public import Collective

/// A run that was stopped by a wish, with everything saved; every rank throws it alike.
public struct RunStopped: SharedError, CustomStringConvertible {
  /// The run's folder.
  public let folder: String
  /// The number of ranks.
  public let size: Int

  /// The exit status by which a scheduler knows that the job is to be started again.
  public static let exitStatus: Int32 = 75

  /// One sentence.
  public var description: String {
    "stopped as asked, and everything is saved in \(folder): go on with the same command and "
      + "--continue"
  }
}
