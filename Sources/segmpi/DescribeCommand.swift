import ArgumentParser
import Collective
import Compute
import DistTrainer

/// `segmpi describe`.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show a network's layers and the memory of a training step.",
    discussion: """
      Nothing is allocated and nothing trained. Channels and classes come from the data set of the \
      configuration; give both as options to do without it.
      """)

  @Argument(help: "The experiment's configuration (YAML).")
  var config: String

  @Option(help: ArgumentHelp("Set a key of the configuration.", valueName: "key=value"))
  var set: [String] = []

  @Option(help: "Image channels, where the data set cannot tell.")
  var channels: Int?

  @Option(help: "Classes with the background, where the data set cannot tell.")
  var classes: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (channels == nil) == (classes == nil) else {
      throw ValidationError("--channels and --classes must be given together.")
    }
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        let configuration = try ExperimentConfiguration.load(
          contentsOf: config, overrides: set)
        let compute = configuration.compute
        let description = try NetworkDescription(
          experiment(configuration),
          engine: CPUEngine(threads: compute.threads, instructionSet: compute.isa))
        print(json ? description.json : "\(description)\n", terminator: "")
      }
    }
  }

  private func experiment(_ configuration: ExperimentConfiguration) throws -> Experiment {
    if let channels, let classes {
      return try Experiment(configuration, channels: channels, classes: classes)
    }
    let data = configuration.data
    let dataset = try Dataset.open(data)
    return try Experiment(
      configuration, channels: dataset.channels.count, labels: dataset.labels)
  }
}
