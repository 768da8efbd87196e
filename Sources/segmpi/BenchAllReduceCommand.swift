import ArgumentParser
import Collective
import DistTrainer
import Evaluation

/// `segmpi bench allreduce`.
struct BenchAllReduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allreduce",
    abstract: "Time the ordered all-reduce beside MPI_Allreduce, by length; under mpirun.")

  @Option(help: "Lengths in bytes, with K or M, separated by commas.")
  var sizes: ByteCounts = ByteCounts([
    1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24,
  ])

  @Option(help: "Counted pairs a length.")
  var repetitions = 15

  @Option(help: "All-reduces that follow each other within one timing.")
  var backToBack = 4

  @Flag(help: "Time MPI_Allreduce without ours in between.")
  var libraryOnly = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard repetitions > 0, backToBack > 0 else {
      throw ValidationError("--repetitions and --back-to-back must be positive.")
    }
  }

  func run() throws {
    try Job.run { world in
      try Ranks.require(2, in: world, for: "bench allreduce")
      let outcome = try AllReduceBenchmark(
        over: world, bytes: sizes.values, repetitions: repetitions, backToBack: backToBack,
        isLibraryAlone: libraryOnly)
      guard world.rank == 0 else { return }
      print(json ? outcome.json.compact : outcome.text)
    }
  }
}
