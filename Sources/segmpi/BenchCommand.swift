public import ArgumentParser
import Collective
public import Compute
import DistTrainer

/// `segmpi bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed.",
    subcommands: [
      BenchStepCommand.self, BenchPatchesCommand.self, BenchPrepareCommand.self,
      BenchAllReduceCommand.self, BenchOverlapCommand.self, BenchScalingCommand.self,
    ])
}

extension Precision: ExpressibleByArgument {}

/// `segmpi bench step`.
struct BenchStepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Time training steps of the reference 3D U-Net (16 maps, 4 levels, 64^3, batch 2).")

  @Option(help: "auto, float32 or bfloat16.")
  var precision = Precision.automatic

  @Option(help: "Threads a rank.")
  var threads = 2

  @Option(help: "Counted steps.")
  var repetitions = 10

  @Option(help: "Uncounted steps before them.")
  var warmUp = 3

  @Option(help: "Patches of a step, a power of two: what the ranks share.")
  var shards = 2

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard threads > 0, repetitions > 0, warmUp >= 0 else {
      throw ValidationError("--threads and --repetitions must be positive.")
    }
    guard (1...1 << 16).contains(shards), shards & (shards - 1) == 0 else {
      throw ValidationError("--shards must be a power of two.")
    }
  }

  func run() throws {
    try Job.run { world in
      var benchmark = try StepBenchmark(precision: precision, threads: threads)
      benchmark.warmUp = warmUp
      benchmark.configuration.training.shards = shards
      benchmark.repetitions = repetitions
      let outcome = try benchmark.run(world: world, engine: CPUEngine(threads: threads))
      guard world.rank == 0 else { return }
      if json {
        print(outcome.json)
      } else {
        print(
          "a step takes \(outcome.median.rounded()) ms (median of \(repetitions)) "
            + "in \(outcome.precision.rawValue) on \(outcome.engine)")
      }
    }
  }
}

/// `segmpi bench patches`.
struct BenchPatchesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patches",
    abstract: "Time training patches with the full augmentation, in one thread.")

  @Option(help: "The patch's extent along each axis, in voxels.")
  var extent = 64

  @Option(help: "Counted patches.")
  var repetitions = 20

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (8...512).contains(extent), repetitions > 0 else {
      throw ValidationError("--extent must be from 8 to 512, --repetitions positive.")
    }
  }

  func run() throws {
    try Job.run { world in
      guard world.rank == 0 else { return }
      let outcome = try PatchBenchmark(extent: extent, repetitions: repetitions).run()
      guard !json else { return print(outcome.json) }
      let rate = (10_000 / outcome.median).rounded() / 10
      print(
        "\(rate) patches of \(extent)^3 voxels a second, one thread (median of \(repetitions))")
      for part in outcome.parts {
        print("  \(part.kind): \((part.milliseconds * 1000).rounded() / 1000) ms")
      }
    }
  }
}
