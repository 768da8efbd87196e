public import ArgumentParser
import Collective
public import DistTrainer

extension Report.FieldOfView: ExpressibleByArgument {}

/// `segmpi report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a page, tables and figures of one or several runs.",
    discussion: """
      The page needs no network and no other file. Tables are also written as CSV, Markdown and \
      LaTeX, figures as SVG, pictures of the worst and best subjects as PNG. A run in progress can \
      be reported too.
      """)

  @Argument(help: "Run folders.")
  var runs: [String]

  @Option(
    name: .shortAndLong, help: "The folder to write; report in the first run's where left out.")
  var output: String?

  @Option(help: "How many of each run's worst and best subjects are pictured.")
  var pictures = 3

  @Option(help: "The data set, where it no longer lies where the run was trained.")
  var data: String?

  @Option(
    help: "Also draw Dice over sagittal, coronal or axial slices (reads all predictions).")
  var fieldOfView: Report.FieldOfView?

  @Flag(help: "Also write figures as PNG (needs rsvg-convert).")
  var png = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard pictures >= 0 else { throw ValidationError("--pictures must not be negative.") }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let outcome = try Report(
          runs: runs, output: output, pictures: pictures, savesPNG: png, data: data,
          fieldOfView: fieldOfView
        ).write()
        for notice in outcome.notices { StandardError.say(notice) }
        print(json ? outcome.json : "Wrote \(outcome.page) (\(outcome.pageBytes / 1000) kB)")
      }
    }
  }
}
