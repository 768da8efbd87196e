import ArgumentParser
import Collective
import DistTrainer

/// `segmpi evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure predicted segmentations against references.",
    discussion: """
      Files are matched by their names. Dice, precision, recall and Jaccard are shown by subject \
      and label; where a label is in neither segmentation they are not defined (-).
      """)

  @Argument(help: "A folder of predicted label volumes, or one.")
  var predictions: String

  @Argument(help: "A folder of reference label volumes, a data set, or one volume.")
  var references: String

  @Option(
    help: "The labels to measure, such as 1,2 or 1=head,2=tail; all that occur where left out.",
    transform: EvaluateCommand.labels)
  var labels: [(number: UInt8, name: String?)]?

  @Option(name: .shortAndLong, help: "A folder for metrics.csv and summary.json.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  static func labels(_ text: String) throws -> [(number: UInt8, name: String?)] {
    let labels = try text.split(separator: ",").map { part in
      let sides = part.split(separator: "=", maxSplits: 1)
      guard let first = sides.first, let number = UInt8(first) else {
        throw ValidationError("needs label numbers such as 1,2 or 1=head,2=tail, not \(text)")
      }
      return (number: number, name: sides.count > 1 ? String(sides[1]) : nil)
    }
    guard !labels.isEmpty, Set(labels.map(\.number)).count == labels.count else {
      throw ValidationError("needs each label number once, not \(text)")
    }
    return labels
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let count = CountDisplay("measured")
        let table = try SegmentationComparison(
          predictions: predictions, references: references, labels: labels
        ).run { count.show($0, of: $1) }
        count.finish()
        if let output { try table.write(toFolder: output) }
        let overlap = OverlapTable(table)
        print(json ? overlap.json : "\(overlap)\n", terminator: "")
      }
    }
  }
}
