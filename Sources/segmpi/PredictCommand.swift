public import ArgumentParser
import Collective
import Compute
public import DistTrainer
import Foundation

extension FoldFolder.Checkpoint: ExpressibleByArgument {}

/// `segmpi predict`.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Segment images with trained networks.",
    usage: "segmpi predict RUN-or-CHECKPOINT ... INPUT ... --output OUT [options]",
    discussion: """
      Run folders and .safetensors files come first; several predict together, by the mean of their \
      probabilities. INPUT is an image, the files of its channels, a folder of images (nnU-Net's \
      _0000 naming, or plain), or a data set.
      """)

  @Argument(help: "Run folders and checkpoints, then what to predict.")
  var paths: [String]

  @Option(
    name: .shortAndLong, help: "A folder for NAME.nii.gz; for one image also a file.")
  var output: String

  @Option(help: "A fold of the run from 0, or all (those that are trained, together).")
  var fold = "all"

  @Option(help: "final, best or latest.")
  var checkpoint = FoldFolder.Checkpoint.final

  @Flag(help: "Also write NAME_probabilities.nii.gz, a channel a class.")
  var probabilities = false

  @Option(
    help: """
      A voxel has a label from this probability on: a number, or what segmpi threshold chose (its \
      file, or a run). Of labels that reach theirs, p / t decides.
      """)
  var threshold: String?

  @Option(
    help: "Post-process by the steps that postprocess --determine chose: its file, or a run.")
  var postprocess: String?

  func validate() throws {
    guard fold == "all" || Int(fold).map({ $0 >= 0 }) ?? false else {
      throw ValidationError("--fold must be a number or all, not \(fold).")
    }
  }

  /// The leading paths that hold networks.
  private var models: [String] {
    Array(
      paths.prefix { path in
        path.hasSuffix(".safetensors")
          || FileManager.default.fileExists(atPath: RunFolder(path).configuration)
      })
  }

  func run() throws {
    try Job.run { world in
      try world.agree(requireBoth)
      let trained = try TrainedModels(
        models, fold: Int(fold), checkpoint: checkpoint, world: world)
      let input = try world.agree {
        try PredictionInput(Array(paths.dropFirst(models.count)), for: trained.experiment)
      }
      let engine = try world.agree {
        let compute = trained.experiment.configuration.compute
        return try CPUEngine(threads: compute.threads, instructionSet: compute.isa)
      }
      let thresholds = try world.agree {
        try threshold.map { try Thresholds($0, for: trained) }
      }
      let steps = try world.agree {
        try postprocess.map { try [PostProcessingChoice](contentsOf: $0) } ?? []
      }
      let count = CountDisplay("predicted")
      let files = try PredictionRun(
        trained, input: input, output: output, savesProbabilities: probabilities,
        thresholds: thresholds, steps: steps
      ).run(world: world, engine: engine) { count.show($0, of: $1, name: $2) }
      count.finish()
      guard world.rank == 0 else { return }
      let networks = trained.names.count == 1 ? "1 network" : "\(trained.names.count) networks"
      print("Predicted \(files.count) with \(networks): \(files.count == 1 ? files[0] : output)")
    }
  }

  /// Refuses a command line without networks or without input; paths are data, not usage.
  private func requireBoth() throws {
    guard !models.isEmpty else {
      throw PredictionError(
        "\(paths[0]) is no run folder (it lacks config.resolved.yaml) and no .safetensors file: "
          + "name the trained run or checkpoint first.")
    }
    guard models.count < paths.count else {
      throw PredictionError(
        "There is nothing to predict after \(models.joined(separator: ", ")): name an image, a "
          + "folder or a data set.")
    }
  }
}
