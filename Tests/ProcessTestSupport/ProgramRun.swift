/// What a program that a test ran has left.
public struct ProgramRun: Sendable {
  /// The exit status; of a program that a signal ended, 128 and the signal's number.
  ///
  /// 124, or 137, means that the time was up.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: String
  /// What it wrote to standard error.
  public var errors: String
  /// How long it took.
  public var seconds: Double

  /// Runs a program to its end.
  ///
  /// The parameters are those of ``RunningProgram/init(_:_:ranks:environment:timeoutSeconds:)``.
  /// - Throws: where it cannot be started.
  public static func run(
    _ program: String, _ arguments: [String], ranks: Int? = nil,
    environment: [String: String] = [:], timeoutSeconds: Int = 60
  ) throws -> ProgramRun {
    try RunningProgram(
      program, arguments, ranks: ranks, environment: environment, timeoutSeconds: timeoutSeconds
    ).wait()
  }
}
