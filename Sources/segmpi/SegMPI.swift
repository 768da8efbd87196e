import ArgumentParser
import Collective
import DistTrainer
import Foundation

/// Trains, cross-validates, applies and compares segmentation networks for medical volumes.
@main
struct SegMPI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segmpi",
    abstract: "Trains, cross-validates and applies segmentation networks for medical volumes.",
    discussion: """
      Started by itself, segmpi uses one process. Started by mpirun, the ranks share the work, and \
      the results are the same bits.
      """,
    version: ProgramVersion.number,
    subcommands: [
      CheckCommand.self, SplitCommand.self, PrepareCommand.self, DescribeCommand.self,
      TrainCommand.self, ThresholdCommand.self, PredictCommand.self, EnsembleCommand.self,
      PostprocessCommand.self, EvaluateCommand.self, CompareCommand.self, CurveCommand.self,
      ConvertCommand.self, PhantomCommand.self, AugmentCommand.self, BenchCommand.self,
      ReportCommand.self, StatusCommand.self, TraceCommand.self,
    ])
}

/// How commands meet ranks, and how they end.
enum Job {
  /// Runs a command's work with the group of all ranks: by itself without starting MPI, else under
  /// it.
  ///
  /// An error is printed in one sentence, and the process ends with status 1 (data or configuration),
  /// 70 (a peer failed) or 75 (stopped as asked, to be continued).
  static func run(_ body: (any Communicator) throws -> Void) throws {
    MapFault.report()
    do {
      if Launcher.isUnderMPI {
        try MPIEnvironment.run(exitStatus: exitStatus) { try body($0) }
      } else {
        try body(SerialCommunicator())
      }
    } catch let error as ReportedError {
      throw ExitCode(error.status)
    } catch {
      FileHandle.standardError.write(Data("segmpi: \(error)\n".utf8))
      throw ExitCode(exitStatus(error))
    }
  }

  private static func exitStatus(_ error: any Error) -> Int32 {
    error is RunStopped ? RunStopped.exitStatus : MPIEnvironment.standardExitStatus(error)
  }
}
