import ArgumentParser
import Collective
import DistTrainer

/// `segmpi check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read every file of a data set and name all that is wrong.",
    discussion: """
      Images and labels must be readable and lie on one grid, intensities be finite, labels be \
      declared; no image may occur twice, and no patient in two folds. Ends with status 1 where \
      there are faults.
      """)

  @Argument(help: "A folder with dataset.json, or a manifest in CSV.")
  var data: String

  @OptionGroup var labels: LabelNames

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    var isFaulty = false
    try Job.run { world in
      let count = CountDisplay("read")
      let check = try DatasetCheck.run(data, labels: labels.names, world: world) { done, total in
        if world.rank == 0 { count.show(done, of: total) }
      }
      count.finish()
      guard let check else { return }
      print(json ? check.json : "\(check)\n", terminator: "")
      isFaulty = !check.faults.isEmpty
    }
    if isFaulty { throw ExitCode(1) }
  }
}
