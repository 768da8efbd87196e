import ArgumentParser
import Collective
import DistTrainer
import Evaluation
import Foundation

/// `segmpi status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how far a run is, from its folder alone.")

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"))
  var path: String

  @Flag(help: "Go on showing it until nothing writes the folder any more.")
  var watch = false

  @Option(help: "Seconds between two looks.")
  var interval = 2.0

  @Flag(help: "Print JSON; with --watch a line a look.")
  var json = false

  func validate() throws {
    guard (0.1...86_400).contains(interval) else {
      throw ValidationError("--interval must be from 0.1 to 86400 seconds.")
    }
  }

  func run() throws {
    try Job.run { world in
      guard world.rank == 0 else { return }
      var block = TerminalBlock()
      let isTerminal = isatty(FileHandle.standardOutput.fileDescriptor) == 1
      while true {
        let status = try RunStatus(path)
        let isLast = !watch || status.writer == nil
        if json {
          print(watch ? status.json.compact : status.json.indented, terminator: watch ? "\n" : "")
        } else if watch, isTerminal {
          let (columns, rows) = TerminalSize.current
          let lines = status.text().split(separator: "\n").map { String($0.prefix(columns - 1)) }
          print(block.replace(with: Array(lines.prefix(rows - 1))), terminator: "")
        } else {
          print(status.text())
        }
        // Whoever reads a pipe is to see each look at once.
        fflush(nil)
        if isLast { return }
        Thread.sleep(forTimeInterval: interval)
      }
    }
  }
}
