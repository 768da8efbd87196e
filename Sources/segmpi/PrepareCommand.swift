import ArgumentParser
import Collective
import DistTrainer

/// `segmpi prepare`.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Prepare a data set's volumes once, for all runs.",
    discussion: """
      The folder is the configuration's data.cache; train fills it too. Only what has changed \
      (files or settings of preparation) is prepared again. With --fingerprint nothing is \
      prepared, but the data set is measured: grids, intensities, frequencies of classes.
      """)

  @Argument(help: "The experiment's configuration (YAML).")
  var config: String

  @Flag(help: "Measure the data set instead.")
  var fingerprint = false

  @Option(
    help: ArgumentHelp(
      "Remove prepared volumes that no run used for so many days instead.", valueName: "days"))
  var prune: Double?

  @Option(help: ArgumentHelp("Set a key of the configuration.", valueName: "key=value"))
  var set: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if let prune, !(prune >= 0) { throw ValidationError("--prune must be a number of days.") }
    guard prune == nil || !fingerprint else {
      throw ValidationError("--prune and --fingerprint are two commands: give one of them.")
    }
  }

  func run() throws {
    let run = PreparationRun(configuration: config, overrides: set)
    try Job.run { world in
      if let prune {
        let found = try world.agree { world.rank == 0 ? try run.prune(unusedFor: prune) : nil }
        guard let (folder, pruned) = found else { return }
        print(
          json
            ? #"{"files": \#(pruned.files), "bytes": \#(pruned.bytes)}"#
            : "Removed \(pruned.files) volumes, \(pruned.bytes / 1_000_000) MB: \(folder)")
        return
      }
      let count = CountDisplay(fingerprint ? "measured" : "prepared")
      func show(_ done: Int, _ total: Int) {
        if world.rank == 0 { count.show(done, of: total) }
      }
      if fingerprint {
        let found = try run.fingerprint(world: world, progress: show)
        count.finish()
        guard let found else { return }
        print(json ? found.json : "\(found)\n", terminator: "")
        return
      }
      let outcome = try run.fill(world: world, progress: show)
      count.finish()
      guard world.rank == 0 else { return }
      for notice in outcome.notices { StandardError.say(notice) }
      print(
        json
          ? #"{"prepared": \#(outcome.prepared), "total": \#(outcome.total)}"#
          : "Prepared \(outcome.prepared) of \(outcome.total) volumes, "
            + "\(outcome.total - outcome.prepared) were up to date: \(outcome.folder)")
    }
  }
}
