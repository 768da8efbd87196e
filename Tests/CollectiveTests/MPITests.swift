import Collective
import CollectiveProbe
import Foundation
import Testing

@Suite("Under the real mpirun", .serialized)
struct MPITests {
  /// The digest of the ordered sums on one rank without MPI.
  private func serialDigest() throws -> String { try Laws.checkAll(on: SerialCommunicator()) }

  @Test("Every law holds, and ordered sums have the serial bits", arguments: [1, 2, 3, 4, 5, 7])
  func laws(ranks: Int) throws {
    let run = try MPIRun.start(ranks: ranks, ["laws", "\(ranks)"])
    #expect(run.status == 0, "\(run.errors)")
    let digest = try serialDigest()
    #expect(run.reports == (0..<ranks).map { "report rank=\($0) size=\(ranks) digest=\(digest)" })
  }

  @Test("Every law holds when one call takes at most 1000 elements", arguments: [1, 2, 3])
  func lawsInChunks(ranks: Int) throws {
    let run = try MPIRun.start(ranks: ranks, ["laws-in-chunks", "\(ranks)"])
    #expect(run.status == 0, "\(run.errors)")
    let digest = try serialDigest()
    #expect(run.reports == (0..<ranks).map { "report rank=\($0) size=\(ranks) digest=\(digest)" })
  }

  @Test("Groups that are freed leave no shared memory behind, however many there were")
  func regrouping() throws {
    let run = try MPIRun.start(ranks: 2, ["regroup", "2"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.reports.count == 2)
    for report in run.reports {
      let counts = report.split(separator: "=").last?.split(separator: ",").compactMap { Int($0) }
      let (few, many) = try (#require(counts?.first), #require(counts?.last))
      #expect(many < few + 50, "\(report)")
    }
  }

  @Test("A run at the wrong number of ranks fails", arguments: [nil, 1, 3])
  func wrongNumberOfRanks(ranks: Int?) throws {
    let run = try MPIRun.start(ranks: ranks, ["laws", "2"])
    #expect(run.status != 0)
    #expect(run.reports.isEmpty)
    #expect(run.errors.contains("the test is for 2 ranks and runs on \(ranks ?? 1)"))
  }

  @Test("A process that was promised more ranks than MPI sees refuses to run alone")
  func brokenLauncher() throws {
    let run = try MPIRun.start(
      ranks: nil, ["laws", "4"], environment: ["OMPI_COMM_WORLD_SIZE": "4"])
    #expect(run.status == 2)
    #expect(run.reports.isEmpty)
    #expect(run.errors.contains("the launcher announced 4 ranks but MPI sees 1: start the program"))
  }

  @Test("An error on one rank ends the job at once, with its message and status")
  func uncaughtError() throws {
    let run = try MPIRun.start(ranks: 3, ["throw", "3"])
    #expect(run.status == 1)
    #expect(run.seconds < 30)
    #expect(run.errors.contains("CollectiveProbe: rank 2 of 3 on "))
    #expect(run.errors.contains(": the cup is broken\n"))
  }

  @Test("An uncaught MPI error ends the job with the status of a failed peer")
  func uncaughtMPIError() throws {
    let run = try MPIRun.start(ranks: 2, ["peer-error", "2"])
    #expect(run.status == 70)
    #expect(run.errors.contains("MPI_Send on communicator 'world' failed: rank 2 is not in 0..<2"))
  }

  @Test("An error that all ranks agree on is told once and ends the job in good order")
  func agreedError() throws {
    let run = try MPIRun.start(ranks: 3, ["agree", "3"])
    #expect(run.status == 1)
    let lines = run.errors.split(separator: "\n").filter { $0.contains("the file is torn") }
    #expect(lines == ["CollectiveProbe: the file is torn (rank 2 of 3)"])
    #expect(!run.errors.contains("MPI_ABORT"))
  }

  @Test("An error that only a group agrees on ends the whole job")
  func partlyAgreedError() throws {
    let run = try MPIRun.start(ranks: 3, ["agree-in-part", "3"])
    #expect(run.status == 1)
    #expect(run.errors.contains("rank 2 of 3 on "))
    #expect(run.errors.contains("half of the cup is broken"))
  }

  @Test("A rank that exits without ending MPI ends the job")
  func earlyExit() throws {
    let run = try MPIRun.start(ranks: 2, ["exit", "2"])
    #expect(run.status == 70)
    #expect(run.seconds < 30)
  }
}
