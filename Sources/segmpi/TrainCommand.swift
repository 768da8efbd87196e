import ArgumentParser
import Collective
import Compute
import DistTrainer
import Foundation

/// `segmpi train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train one fold or all folds of a cross-validation.")

  @Argument(help: "The experiment's configuration (YAML).")
  var config: String

  @Option(help: "A fold from 0, or all.")
  var fold = "all"

  @Flag(name: .customLong("continue"), help: "Go on with an interrupted run.")
  var continues = false

  @Option(name: .shortAndLong, help: "The run's folder; runs/NAME where it is left out.")
  var output: String?

  @Option(help: ArgumentHelp("Set a key of the configuration.", valueName: "key=value"))
  var set: [String] = []

  func validate() throws {
    guard fold == "all" || Int(fold) != nil else {
      throw ValidationError("--fold must be a number or all, not \(fold).")
    }
  }

  func run() throws {
    try Job.run { world in
      let progress = ProgressDisplay()
      let outcome = try TrainingRun(
        configuration: config, overrides: set, folds: Int(fold).map { [$0] }, output: output,
        continues: continues, command: CommandLine.arguments
      ).run(world: world, observer: progress) { compute in
        try CPUEngine(threads: compute.threads, instructionSet: compute.isa)
      }
      progress.finish()
      guard let outcome else { return }
      print("Mean Dice on validation subjects:\n\(outcome.diceTable)")
      print("Run:         \(outcome.folder.path)")
      print("Predictions: \(outcome.folder.path)/fold_*/validation/*.nii.gz")
      print(
        "Tables:      \(outcome.folder.crossValidation.metrics), "
          + outcome.folder.crossValidation.summary)
    }
  }
}
