public import ArgumentParser
import Collective
public import DistTrainer

extension EnsembleVote: ExpressibleByArgument {}

/// `segmpi ensemble`.
struct EnsembleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble",
    abstract: "Put the predictions of several models together.",
    usage: "segmpi ensemble PREDICTIONS PREDICTIONS ... OUT [options]",
    discussion: """
      One folder (or file) a model, then where the results go. The mean is one of probabilities, \
      as predict --probabilities writes them; the majority is one of label volumes. Ties go to the \
      lower label.
      """)

  @Argument(help: "The models' predictions, then a folder for NAME.nii.gz.")
  var paths: [String]

  @Option(help: "mean (of probabilities) or majority (of labels).")
  var vote = EnsembleVote.mean

  @Option(help: "How much each model counts, such as 2,1,1; all alike where left out.")
  var weights: ModelWeights?

  @Flag(help: "Also write the mean, NAME_probabilities.nii.gz, a channel a label.")
  var probabilities = false

  func validate() throws {
    guard paths.count > 2 else {
      throw ValidationError("Name the predictions of two models or more, then an output.")
    }
    guard !probabilities || vote == .mean else {
      throw ValidationError("--probabilities needs --vote mean: a majority has none.")
    }
    if let weights, weights.values.count != paths.count - 1 {
      throw ValidationError(
        "--weights has \(weights.values.count) numbers for \(paths.count - 1) models.")
    }
  }

  func run() throws {
    try Job.run { world in
      let output = paths[paths.count - 1]
      let run = try world.agree {
        try EnsembleRun(
          Array(paths.dropLast()), output: output, vote: vote, weights: weights?.values,
          savesProbabilities: probabilities)
      }
      let count = CountDisplay("put together")
      let files = try run.run(world: world) { count.show($0, of: $1, name: $2) }
      count.finish()
      guard world.rank == 0 else { return }
      print(
        "Put together \(files.count) of \(paths.count - 1) models: "
          + (files.count == 1 ? files[0] : output))
    }
  }
}

/// Weights as `--weights` names them: `2,1,1`.
struct ModelWeights: ExpressibleByArgument {
  /// One a model.
  let values: [Double]

  /// Reads the option; nil where it means nothing.
  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0) }
    guard numbers.allSatisfy({ $0.map { $0 > 0 && $0 <= 1e6 } ?? false }) else { return nil }
    values = numbers.compactMap(\.self)
  }
}
