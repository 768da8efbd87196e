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

  @Option(
    help: ArgumentHelp(
      "End the job, and name the rank, when one keeps the others waiting for so long; or off.",
      valueName: "seconds"))
  var watchdog = WatchdogOption(seconds: 120)

  @Option(help: ArgumentHelp("Set a key of the configuration.", valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "Show progress as a table that renews itself, as lines, or not at all.",
      discussion: "auto is a table where standard error is a terminal. mpirun hides the terminal "
        + "from the ranks: --progress table shows the table all the same."))
  var progress = ProgressMode.auto

  @Option(
    help: ArgumentHelp(
      "Record what every rank does in this many steps, for segmpi trace.", valueName: "steps"))
  var trace: Int?

  func validate() throws {
    guard trace.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--trace must be positive.")
    }
    guard fold == "all" || Int(fold) != nil else {
      throw ValidationError("--fold must be a number or all, not \(fold).")
    }
  }

  func run() throws {
    try Job.run { world in
      let display = ProgressDisplay(progress)
      var run = TrainingRun(
        configuration: config, overrides: set, folds: Int(fold).map { [$0] }, output: output,
        continues: continues, command: CommandLine.arguments,
        watchdog: watchdog.seconds.map { Watchdog.Settings(timeout: $0) },
        stop: StopSignals.listen())
      run.traceSteps = trace
      let outcome: TrainingRun.Outcome?
      do {
        // The terminal is left in order before the results, or an error, are printed.
        defer { display.finish() }
        outcome = try run.run(world: world, observer: display) { compute in
          try CPUEngine(threads: compute.threads, instructionSet: compute.isa)
        }
      }
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

/// The argument of `--watchdog`: seconds, or `off`.
struct WatchdogOption: ExpressibleByArgument {
  /// How long; nil is off.
  let seconds: Double?

  init(seconds: Double?) { self.seconds = seconds }

  init?(argument: String) {
    if argument == "off" {
      seconds = nil
    } else if let value = Double(argument), value >= 1, value.isFinite {
      seconds = value
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { seconds.map { "\(Int($0))" } ?? "off" }
}
