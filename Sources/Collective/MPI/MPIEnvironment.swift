internal import CMPI
import Foundation
import Synchronization

/// MPI's life in this process: started once, ended once, and the job ended with it on an error.
public enum MPIEnvironment {
  /// Which threads may call MPI.
  public enum ThreadLevel: Sendable {
    /// The thread that started MPI.
    case funneled
    /// Any thread, one at a time.
    case serialized
    /// Any thread at any time.
    case multiple

    var value: Int32 {
      switch self {
      case .funneled: cmpi_thread_funneled()
      case .serialized: cmpi_thread_serialized()
      case .multiple: cmpi_thread_multiple()
      }
    }
  }

  // MPI can be started once in the life of a process.
  private static let wasStarted = Mutex(false)

  /// Starts MPI, runs `body` with the group of all ranks, and ends MPI.
  ///
  /// An error that leaves `body` on one rank ends the whole job: the rank writes one line with the
  /// error and its own name to standard error and aborts, for the others may be waiting for it.
  /// Only a ``SharedError`` of all ranks, which leaves none waiting, ends in good order: rank 0
  /// writes the line and every rank throws ``ReportedError``.
  ///
  /// The thread level asked for by default is `serialized`, not the lesser `funneled`: a trainer's
  /// compute thread need not be the thread that started MPI, and one communicator serves one
  /// thread at a time anyway.
  /// - Parameters:
  ///   - threadLevel: What MPI must provide.
  ///   - exitStatus: The job's exit status for an error that left `body`; 1 by default, and 70 for
  ///     an ``MPIError``, which means that a peer failed.
  ///   - body: The program.
  /// - Returns: What `body` returned on this rank.
  /// - Throws: ``MPIError`` if MPI cannot be started as the launcher promised; ``ReportedError``.
  public static func run<R>(
    threadLevel: ThreadLevel = .serialized,
    exitStatus: (any Error) -> Int32 = standardExitStatus,
    _ body: (any Communicator) throws -> R
  ) throws -> R {
    try run(
      threadLevel: threadLevel, exitStatus: exitStatus, chunkLimit: ChunkedCount.standardLimit,
      body)
  }

  /// 70 for an ``MPIError`` (a peer failed), 1 for everything else (data or configuration).
  public static func standardExitStatus(_ error: any Error) -> Int32 { error is MPIError ? 70 : 1 }

  /// As the public one, with a smaller limit of the counts that one call is given, for tests.
  package static func run<R>(
    threadLevel: ThreadLevel = .serialized,
    exitStatus: (any Error) -> Int32 = standardExitStatus, chunkLimit: Int,
    _ body: (any Communicator) throws -> R
  ) throws -> R {
    let world = try start(threadLevel, chunkLimit: chunkLimit)
    do {
      try checkSize(of: world, announced: Launcher.announcedSize)
    } catch {
      try finalize()
      throw error
    }
    do {
      let result = try body(world)
      try world.flight.record(.finalize) { try finalize() }
      return result
    } catch let error as any SharedError where error.size == world.size {
      let status = exitStatus(error)
      if world.rank == 0 { report("\(error)") }
      try finalize()
      throw ReportedError(status: status)
    } catch {
      report("rank \(world.rank) of \(world.size) on \(MPICall.processorName): \(error)")
      abort(world, status: exitStatus(error))
    }
  }

  private static func start(_ level: ThreadLevel, chunkLimit: Int) throws -> MPICommunicator {
    let isFirst = wasStarted.withLock { wasStarted in
      defer { wasStarted = true }
      return !wasStarted
    }
    guard isFirst else {
      throw environmentError("MPI_Init_thread", "MPI was started before in this process")
    }
    var provided: Int32 = 0
    try MPICall.check(
      unsafe MPI_Init_thread(nil, nil, level.value, &provided), "MPI_Init_thread", on: "world")
    // Not inherited: both need it, or a faulty call on either ends the job without a word of ours.
    for result in unsafe [
      MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return()),
      MPI_Comm_set_errhandler(cmpi_comm_self(), cmpi_errors_return()),
    ] {
      try MPICall.check(result, "MPI_Comm_set_errhandler", on: "world")
    }
    abortWhenLeftOpen()
    do {
      try check(provided: provided, for: level)
    } catch {
      try finalize()
      throw error
    }
    guard let world = unsafe cmpi_comm_world() else {
      throw environmentError("MPI_Init_thread", "there is no world")
    }
    return try unsafe MPICommunicator(
      MPIHandle(world), name: "world", chunkLimit: chunkLimit,
      flight: FlightRecorder().lane(of: "world"))
  }

  /// Refuses a library that cannot be called from the threads that will call it.
  static func check(provided: Int32, for level: ThreadLevel) throws {
    // The standard orders the levels' values.
    guard provided < level.value else { return }
    throw environmentError(
      "MPI_Init_thread",
      "this MPI library does not support threads at level '\(level)': "
        + "install one built with thread support")
  }

  /// Refuses to run as N jobs of one rank each where one job of N was asked for.
  static func checkSize(of world: any Communicator, announced: Int?) throws {
    guard let announced, announced != world.size else { return }
    throw environmentError(
      "MPI_Init_thread",
      "the launcher announced \(announced) ranks but MPI sees \(world.size): start the program "
        + "with the mpirun of the Open MPI that it is linked with, or with 'srun --mpi=pmix'")
  }

  private static func environmentError(_ operation: String, _ text: String) -> MPIError {
    MPIError(kind: .environment, text: text, operation: operation, communicator: "world")
  }

  private static func finalize() throws {
    try MPIWindow.freeAll()
    try MPICall.check(MPI_Finalize(), "MPI_Finalize", on: "world")
  }

  /// A process that exits with MPI open would leave its peers waiting under some launchers.
  private static func abortWhenLeftOpen() {
    atexit {
      var isOver: Int32 = 0
      _ = unsafe MPI_Finalized(&isOver)
      if isOver == 0 { _ = unsafe MPI_Abort(cmpi_comm_world(), 70) }
    }
  }

  private static func abort(_ world: MPICommunicator, status: Int32) -> Never {
    _ = unsafe MPI_Abort(world.handle.communicator, status)
    exit(status)
  }

  private static func report(_ line: String) {
    let program = ProcessInfo.processInfo.processName
    FileHandle.standardError.write(Data("\(program): \(line)\n".utf8))
  }
}

/// An error that has been written to standard error already: end the process with this status.
public struct ReportedError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The exit status.
  public var status: Int32

  /// For a caller that prints it all the same.
  public var description: String { "the job failed with exit status \(status)" }
}
