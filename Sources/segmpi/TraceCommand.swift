import ArgumentParser
import Collective
import DistTrainer
import Evaluation

/// `segmpi trace`.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Merge what train --trace recorded into one timeline of all ranks.",
    discussion: "The file is for Perfetto (ui.perfetto.dev) or chrome://tracing.")

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var path: String

  @Option(name: .shortAndLong, help: "The file to write; RUN/trace.json where it is left out.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try Job.run { world in
      guard world.rank == 0 else { return }
      let folder = RunFolder(path)
      let trace = try MergedTrace(folder)
      let file = output ?? "\(folder.path)/trace.json"
      try trace.writeChrome(to: file)
      guard !json else { return print(trace.json.indented, terminator: "") }
      print("Seconds of each rank's training thread")
      print(trace.summary)
      let microseconds = (trace.uncertainty * 1e6).rounded()
      print(
        "Wrote \(file): \(trace.eventCount) events of "
          + "\((trace.seconds * 1000).rounded() / 1000) s; clocks agree to within "
          + "\(Int(microseconds)) us")
    }
  }
}
