import ArgumentParser
import Collective
import DistTrainer
import Evaluation

/// `segmpi bench overlap`.
struct BenchOverlapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Time how much of the exchange of gradients a computation hides; under mpirun.")

  @Option(help: "Bytes of a gradient, with K or M.")
  var size: ByteCounts = ByteCounts([1 << 24])

  @Option(help: "How many times as long as the exchange the computation takes.")
  var computeRatio = 2.0

  @Option(help: "Parts in which the gradient becomes known.")
  var slices = 64

  @Option(help: "Counted rounds.")
  var repetitions = 11

  @Option(help: "Bytes of a bucket of messages, with K or M; measured where it is left out.")
  var bucket: ByteCounts?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard repetitions > 0, (1...100_000).contains(slices), (0.01...1000).contains(computeRatio)
    else {
      throw ValidationError(
        "--repetitions and --slices must be positive, --compute-ratio from 0.01 to 1000.")
    }
    guard size.values.count == 1, (bucket?.values.count ?? 1) == 1 else {
      throw ValidationError("--size and --bucket are one length each.")
    }
  }

  func run() throws {
    try Job.run { world in
      try Ranks.require(2, in: world, for: "bench overlap")
      var settings = OverlapBenchmark.Settings()
      settings.bytes = size.values[0]
      settings.computeRatio = computeRatio
      settings.slices = slices
      settings.repetitions = repetitions
      settings.route = bucket.map { .messages(bucketLength: $0.values[0] / 4) }
      let outcome = try OverlapBenchmark(over: world, settings)
      guard world.rank == 0 else { return }
      print(json ? outcome.json.compact : outcome.text)
    }
  }
}
