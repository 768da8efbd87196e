import ArgumentParser
import Collective
import DistTrainer

/// `segmpi curve`.
struct CurveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve",
    abstract: "ROC and precision-recall curves of a table of scores, with thresholds.",
    discussion: """
      The table has a row a score, in comma-separated values with a heading; the columns fold and \
      subject make curves of their own and a mean curve. Equal scores make one point, AUC is the \
      trapezoid rule's, average precision the step sum.
      """)

  @Argument(help: "A table with the columns score and truth (0 or 1), and fold and subject if any.")
  var table: String

  @Option(help: "The column of scores.")
  var score = ScoreTable.Columns().score

  @Option(help: "The column of truths.")
  var truth = ScoreTable.Columns().truth

  @Option(help: "The truth that is positive, all others being negative.")
  var positive: String?

  @Flag(help: "Print JSON, mean curves included.")
  var json = false

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        var columns = ScoreTable.Columns()
        (columns.score, columns.truth, columns.positive) = (score, truth, positive)
        let report = try CurveReport(ScoreTable(contentsOf: table, columns: columns))
        print(json ? report.json : report.text, terminator: "")
      }
    }
  }
}
