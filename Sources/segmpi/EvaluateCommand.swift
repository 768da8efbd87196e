import ArgumentParser
import Collective
import DistTrainer
import Evaluation
import Foundation
import Synchronization

/// `segmpi evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure predicted segmentations against references.",
    discussion: """
      Files are matched by their names. Overlap and surface distances (mm, on the grid of the files) \
      are shown by subject and label; where a value is not defined there is a dash, and what was \
      missed or made up is counted below. metrics.csv and summary.json have more measures, and \
      summary.json the definition of each.
      """)

  @Argument(help: "A folder of predicted label volumes, or one.")
  var predictions: String

  @Argument(help: "A folder of reference label volumes, a data set, or one volume.")
  var references: String

  @Option(
    help: "The labels to measure, such as 1,2 or 1=head,2=tail; all that occur where left out.",
    transform: EvaluateCommand.labels)
  var labels: [(number: UInt8, name: String?)]?

  @Option(
    help: ArgumentHelp(
      "Measure a group of labels as one, such as whole=1,2, by number or name; may be repeated.",
      valueName: "name=labels"),
    transform: EvaluateCommand.group)
  var group: [NamedGroup] = []

  @Option(help: "What a surface is: voxel, surfel, or none for no distances.")
  var surface = SurfaceOption.voxel

  @Option(
    help: "Tolerances of the normalized surface Dice in mm.",
    transform: EvaluateCommand.tolerances)
  var nsd: [Double] = [1, 2]

  @Option(help: "How many threads measure; all cores where left out. No value depends on it.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(name: .shortAndLong, help: "A folder for metrics.csv and summary.json.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  /// ``surface``'s values.
  enum SurfaceOption: String, ExpressibleByArgument, CaseIterable {
    case voxel, surfel, none
  }

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

  static func group(_ text: String) throws -> NamedGroup {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let labels = sides.count == 2 ? sides[1].split(separator: ",").map(String.init) : []
    guard let name = sides.first, !name.isEmpty, !labels.isEmpty else {
      throw ValidationError("needs a name and labels such as whole=1,2, not \(text)")
    }
    return NamedGroup(name: String(name), labels: labels)
  }

  static func tolerances(_ text: String) throws -> [Double] {
    try text.split(separator: ",").map { part in
      guard let tolerance = Double(part), tolerance >= 0, tolerance.isFinite else {
        throw ValidationError("needs millimeters such as 1,2.5, not \(text)")
      }
      return tolerance
    }
  }

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
    guard Set(group.map(\.name)).count == group.count else {
      throw ValidationError("--group must give each name once.")
    }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let settings = try SurfaceFamily(rawValue: surface.rawValue).map {
          try SurfaceSettings(family: $0, tolerances: nsd)
        }
        let count = Mutex(CountDisplay("measured"))
        let table = try SegmentationComparison(
          predictions: predictions, references: references, labels: labels, groups: group,
          surface: settings
        ).run(threads: threads) { done, total in
          count.withLock { $0.show(done, of: total) }
        }
        count.withLock { $0.finish() }
        if let output { try table.write(toFolder: output) }
        let assessment = AssessmentTable(table)
        print(json ? assessment.json : "\(assessment)\n", terminator: "")
      }
    }
  }
}
