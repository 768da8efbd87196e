import Foundation
import ProcessTestSupport
import Testing

extension EndToEnd {
  /// What a run says of its start, and what it does not start with.
  @Suite("The start under mpirun", .serialized, .timeLimit(.minutes(3)))
  struct LaunchTests {
    @Test("says where the ranks are and what they need, once")
    func plan() throws {
      let workshop = try Workshop()
      let run = try Binary.run(
        [
          "train", workshop.configuration(), "--fold", "0", "--output", "\(workshop.path)/run",
          "--set", "training.epochs=1",
        ], ranks: 3, timeoutSeconds: 120)
      #expect(run.status == 0, "\(run.errors)")
      let lines = run.errors.split(separator: "\n").filter { $0.hasPrefix("start: ") }
      #expect(lines.count { $0.contains(": 3 ranks on ") && $0.hasSuffix("1 thread a rank") } == 1)
      #expect(lines.count { $0.hasPrefix("start: Open MPI v") } == 1)
      #expect(lines.count { $0.hasPrefix("start: float32 on cpu-onednn-") } == 1)
      #expect(lines.count { $0.hasPrefix("start: memory: ") && $0.hasSuffix(" available") } == 1)
    }

    @Test("refuses more threads than cores, unless the launcher was told to take them")
    func crowd() throws {
      let workshop = try Workshop()
      let run = try ProgramRun.run(
        Binary.path,
        [
          "train", workshop.configuration(), "--output", "\(workshop.path)/run", "--set",
          "compute.threads=1000",
        ], ranks: 2, environment: ["OMPI_MCA_rmaps_base_oversubscribe": "0"], timeoutSeconds: 120)
      #expect(run.status == 1)
      #expect(run.errors.contains("segmpi: 2 ranks on host "))
      #expect(run.errors.contains(" have 2000 threads for "))
      #expect(run.errors.contains("or permit it with mpirun --oversubscribe"))
      #expect(!FileManager.default.fileExists(atPath: "\(workshop.path)/run"))
    }
  }
}
