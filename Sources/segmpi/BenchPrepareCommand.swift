import ArgumentParser
import Collective
import DistTrainer

/// `segmpi bench prepare`.
struct BenchPrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Time cubic resampling of 512x512x60 voxels to 256x256x60, and of a data set, all.")

  @Option(help: "A data set to prepare in memory, too.")
  var data: String?

  @Option(help: "Threads a rank.")
  var threads = 2

  @Option(help: "Counted repetitions.")
  var repetitions = 5

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard threads > 0, repetitions > 0 else {
      throw ValidationError("--threads and --repetitions must be positive.")
    }
  }

  func run() throws {
    try Job.run { world in
      var benchmark = PreparationBenchmark()
      benchmark.dataset = data
      benchmark.threads = threads
      benchmark.repetitions = repetitions
      let outcome = try benchmark.run(world: world)
      guard world.rank == 0 else { return }
      if json {
        print(outcome.json)
        return
      }
      print(
        "resampling takes \(outcome.resampleMilliseconds.rounded()) ms "
          + "(median of \(repetitions)) with \(threads) threads")
      if let seconds = outcome.prepareSeconds {
        print("\(outcome.subjects) subjects take \((seconds * 100).rounded() / 100) s")
      }
    }
  }
}
