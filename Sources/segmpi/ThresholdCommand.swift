public import ArgumentParser
import Collective
import DistTrainer
public import Evaluation

extension ThresholdRule: ExpressibleByArgument {}

/// `segmpi threshold`.
struct ThresholdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Choose from which probability on a voxel has a label, on validation subjects.",
    discussion: """
      Writes crossval/threshold.json into the run's folder; predict --threshold takes it from \
      there. Rules: precisionRecall (the point nearest precision 1 and recall 1), youden, roc (the \
      point nearest its upper left corner).
      """)

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"))
  var folder: String

  @Option(help: "precisionRecall, youden or roc.")
  var rule = ThresholdRule.precisionRecall

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let search = try ThresholdSearch(folder, rule: rule)
        let file = try search.write()
        print(json ? search.json : "\(search)\nWritten: \(file)\n", terminator: "")
      }
    }
  }
}
