internal import Foundation

/// A program that a test has started, alone or as ranks under the real `mpirun`.
public final class RunningProgram {
  private let process = Process()
  private let folder: URL
  private let start = ContinuousClock.now
  private var end: ContinuousClock.Instant?

  /// Starts a program.
  ///
  /// Only this launcher allows root and more ranks than cores, as a test on a small machine must.
  /// What Open MPI puts down for the time of a run lies in a folder of this run's own.
  /// - Parameters:
  ///   - program: the executable's path.
  ///   - arguments: its arguments.
  ///   - ranks: how many ranks `mpirun` starts; nil is without it.
  ///   - extra: variables beside those of the test.
  ///   - timeoutSeconds: after this the launcher's whole process group is ended.
  /// - Throws: where it cannot be started.
  public init(
    _ program: String, _ arguments: [String], ranks: Int? = nil,
    environment extra: [String: String] = [:], timeoutSeconds: Int = 60
  ) throws {
    // Short: the names of sockets below it may not exceed a hundred bytes.
    folder = FileManager.default.temporaryDirectory
      .appending(path: "run-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process.executableURL = URL(filePath: "/usr/bin/env")
    let launcher = ranks.map { ["mpirun", "-n", "\($0)"] } ?? []
    process.arguments =
      ["timeout", "--kill-after=5", "\(timeoutSeconds)"] + launcher + [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging([
      "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
      "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
      "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_pml": "ob1",
      "OMPI_MCA_btl": "self,vader", "OMPI_MCA_btl_vader_backing_directory": folder.path,
      "TMPDIR": folder.path,
    ]) { $1 }.merging(extra) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.newFile(outputFile)
    process.standardError = try Self.newFile(errorFile)
    try process.run()
  }

  deinit {
    if process.isRunning { kill() }
    try? FileManager.default.removeItem(at: folder)
  }

  private var outputFile: URL { folder.appending(path: "standard-output") }
  private var errorFile: URL { folder.appending(path: "standard-error") }

  /// Whether the launcher has not ended yet.
  public var isRunning: Bool { process.isRunning }

  /// The processes of this run that are alive: the launcher and all below it.
  public var processes: [Int32] { ProcessTree.descendants(of: process.processIdentifier) }

  /// Ends the launcher and every rank at once with SIGKILL.
  ///
  /// The process group would not do: `mpirun` gives every rank a group of its own.
  public func kill() { ProcessTree.kill(processes) }

  /// Waits for the end.
  ///
  /// - Throws: where what it wrote cannot be read.
  public func wait() throws -> ProgramRun {
    process.waitUntilExit()
    let end = end ?? .now
    self.end = end
    let signaled = process.terminationReason == .uncaughtSignal
    return ProgramRun(
      status: process.terminationStatus + (signaled ? 128 : 0),
      output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self),
      seconds: start.duration(to: end) / .seconds(1))
  }

  private static func newFile(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }
}
