import CollectiveProbe
import Testing

@testable import Collective

@Suite("Communicators without MPI")
struct CommunicatorTests {
  @Test("Every law holds on the serial communicator")
  func serialLaws() throws {
    _ = try Laws.checkAll(on: SerialCommunicator())
  }

  @Test("Every law holds on ranks that are threads", arguments: [1, 2, 3, 4, 5, 8])
  func inProcessLaws(ranks: Int) throws {
    let digest = try Laws.checkAll(on: SerialCommunicator())
    let digests = try InProcessCommunicator.run(ranks: ranks) { try Laws.checkAll(on: $0) }
    #expect(digests == [String](repeating: digest, count: ranks))
  }

  @Test("A rank that throws does not leave the others waiting")
  func inProcessFailure() throws {
    #expect(throws: LawFailure.self) {
      try InProcessCommunicator.run(ranks: 3) { world in
        if world.rank == 1 { throw LawFailure("rank 1 gives up") }
        try world.barrier()
      }
    }
  }

  @Test("A rank that no one answers says for whom it waited")
  func inProcessPatience() throws {
    let error = #expect(throws: MPIError.self) {
      try InProcessCommunicator.run(ranks: 2, patienceSeconds: 0.1) { world in
        guard world.rank == 1 else { return }
        _ = try world.receiveArray(of: Int.self, from: 0)
      }
    }
    #expect(error?.kind == .peer)
    #expect(error?.text == "rank 0 failed or did not send")
  }

  @Test("The only rank does not wait for messages that no one can send")
  func serialReceive() {
    let alone = SerialCommunicator()
    #expect(throws: MPIError.self) { try alone.receiveArray(of: Int.self, from: 0) }
    #expect(throws: MPIError.self) { try alone.probe(tag: 3) }
  }

  @Test("An agreed error of one rank reads as the error itself")
  func agreedErrorText() {
    var error = AgreedError(rank: 0, failures: 1, message: "a.nii is torn", size: 1)
    #expect(error.description == "a.nii is torn")
    error.size = 4
    #expect(error.description == "a.nii is torn (rank 0 of 4)")
    error.failures = 3
    #expect(error.description == "a.nii is torn (rank 0 and 2 more of 4)")
  }
}

@Suite("Launchers")
struct LauncherTests {
  @Test(
    "The environment says who started the process",
    arguments: [
      ([:], false, nil),
      (["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"], true, 4),
      (["OMPI_COMM_WORLD_SIZE": "1"], true, 1),
      // Open MPI's mpirun inside a Slurm step of its daemons.
      (["OMPI_COMM_WORLD_SIZE": "8", "SLURM_STEP_NUM_TASKS": "2"], true, 8),
      // srun --mpi=pmix, srun --mpi=pmi2, and srun without process management.
      (["PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "2"], true, 2),
      (["PMI_RANK": "1", "PMI_SIZE": "3", "SLURM_STEP_NUM_TASKS": "3"], true, 3),
      (["SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2"], true, 2),
      // A batch script, and a shell that srun gave to a user.
      (["SLURM_NTASKS": "2", "SLURM_JOB_ID": "7"], false, nil),
      (["SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "2"], false, 1),
    ] as [([String: String], Bool, Int?)])
  func environments(environment: [String: String], isUnderMPI: Bool, size: Int?) {
    #expect(Launcher.isUnderMPI(in: environment) == isUnderMPI)
    #expect(Launcher.announcedSize(in: environment) == size)
  }

  @Test("Too low a thread level is refused, an equal or higher one is not")
  func threadLevels() throws {
    try MPIEnvironment.check(provided: 2, for: .serialized)
    try MPIEnvironment.check(provided: 3, for: .serialized)
    #expect(throws: MPIError.self) { try MPIEnvironment.check(provided: 1, for: .serialized) }
    #expect(throws: MPIError.self) { try MPIEnvironment.check(provided: 2, for: .multiple) }
  }

  @Test("One rank where more were promised is refused, with the remedy")
  func sizes() throws {
    let alone = SerialCommunicator()
    try MPIEnvironment.checkSize(of: alone, announced: nil)
    try MPIEnvironment.checkSize(of: alone, announced: 1)
    let error = #expect(throws: MPIError.self) {
      try MPIEnvironment.checkSize(of: alone, announced: 2)
    }
    #expect(error?.kind == .environment)
    #expect(error?.text.contains("srun --mpi=pmix") == true)
  }
}
