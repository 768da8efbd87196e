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
      (files or settings of preparation) is prepared again.
      """)

  @Argument(help: "The experiment's configuration (YAML).")
  var config: String

  @Option(help: ArgumentHelp("Set a key of the configuration.", valueName: "key=value"))
  var set: [String] = []

  func run() throws {
    try Job.run { world in
      let (dataset, cache) = try world.agree {
        let configuration = try ExperimentConfiguration.load(
          contentsOf: config, overrides: set)
        guard let folder = configuration.data.cache else {
          throw ConfigurationError([
            ConfigurationFault(
              "data.cache", "is not set: name the folder to keep prepared volumes in")
          ])
        }
        let dataset = try Dataset.open(configuration.data)
        let experiment = try Experiment(
          configuration, channels: dataset.channels.count, labels: dataset.labels)
        return (dataset, try PreparedCache(folder, for: experiment))
      }
      let count = CountDisplay("prepared")
      let filled = try cache.fill(dataset, world: world) { done, total in
        if world.rank == 0 { count.show(done, of: total) }
      }
      count.finish()
      guard world.rank == 0 else { return }
      for notice in dataset.notices { StandardError.say(notice) }
      print(
        "Prepared \(filled.prepared) of \(filled.total) subjects, "
          + "\(filled.total - filled.prepared) were up to date: \(cache.folder)")
    }
  }
}
