import ArgumentParser
import Collective
import DistTrainer
import Foundation

/// `segmpi check`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read every file of a data set and name all that is wrong.",
    discussion: """
      Images and labels must be readable and lie on one grid, intensities be finite, labels be \
      declared; no image may occur twice, and no patient in two folds. What may be meant so is a \
      warning. Ends with status 1 where there are faults.
      """)

  @Argument(
    help: """
      A folder with dataset.json or in BIDS' layout, a manifest in CSV, or a configuration (YAML), \
      whose folds and patch are checked, too.
      """)
  var data: String

  @OptionGroup var labels: LabelNames

  @Option(help: "Threads that read files; the cores there are, by default.")
  var threads: Int?

  @Flag(help: "Read headers only.")
  var headers = false

  @Option(
    help: ArgumentHelp(
      """
      Write mended copies as a new data set: \(Self.fixNames). The first gives labels the place in \
      space of their subject's first image, the second interpolates them onto its grid, the third \
      replaces stored values. May be given several times.
      """,
      valueName: "what"), transform: fix(named:))
  var fix: [DatasetRepair.Fix] = []

  @Option(
    help: ArgumentHelp(
      "The labels that stored values stand for, such as 255=1,300=0.", valueName: "value=label"))
  var map: String?

  @Option(name: .shortAndLong, help: "The folder of the new data set, with --fix.")
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
    if fix.isEmpty != (output == nil) {
      throw ValidationError("--fix and --output belong together: give both, or neither.")
    }
    _ = try labelMap()
  }

  func run() throws {
    var isFaulty = false
    try Job.run { world in
      var request = try world.agree { try makeRequest() }
      if let output {
        try world.agree { if world.rank == 0 { try repair(request, into: output) } }
        // What is checked is the new data set, which tells everything of itself.
        request.data = DataSection(output)
        request.experiment?.data.dataset = output
      }
      let count = CountDisplay("read")
      let check = try DatasetCheck.run(request, world: world) { done, total in
        if world.rank == 0 { count.show(done, of: total) }
      }
      count.finish()
      guard let check else { return }
      print(json ? check.json : "\(check)\n", terminator: "")
      isFaulty = !check.faults.isEmpty
    }
    if isFaulty { throw ExitCode(1) }
  }

  private func makeRequest() throws -> DatasetCheck.Request {
    var request =
      try data.hasSuffix(".yaml") || data.hasSuffix(".yml")
      ? DatasetCheck.Request(ExperimentConfiguration.load(contentsOf: data))
      : DatasetCheck.Request(labels.section(data))
    if let map = try labelMap() { request.data.map = map }
    request.depth = headers ? .headers : .full
    request.threads = threads
    return request
  }

  private func repair(_ request: DatasetCheck.Request, into output: String) throws {
    let count = CountDisplay("mended")
    let outcome = try DatasetRepair(
      request.data, fixes: Set(fix), output: output,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount
    ).run { count.show($0, of: $1) }
    count.finish()
    StandardError.say("\(outcome)")
  }

  private func labelMap() throws -> [String: Int]? {
    guard let map else { return nil }
    var labels: [String: Int] = [:]
    for pair in map.split(separator: ",") {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, Int(parts[0]) != nil, let label = Int(parts[1]) else {
        throw ValidationError("--map must be like 255=1,300=0, which \(pair) is not.")
      }
      labels[String(parts[0])] = label
    }
    return labels
  }

  private static func fix(named name: String) throws -> DatasetRepair.Fix {
    guard let fix = DatasetRepair.Fix(rawValue: name) else {
      throw ValidationError("--fix is \(fixNames), not \(name).")
    }
    return fix
  }

  private static let fixNames = DatasetRepair.Fix.allCases.map(\.rawValue).joined(separator: ", ")
}
