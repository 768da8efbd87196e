public import Collective
internal import Volumes

/// One call of `segmpi prepare`: the volumes of a configuration's data set, ready for training.
public struct PreparationRun: Sendable {
  /// The configuration's file.
  public var configuration: String
  /// Keys set on the command line, `section.key=value`.
  public var overrides: [String]

  /// A call with these arguments.
  public init(configuration: String, overrides: [String] = []) {
    self.configuration = configuration
    self.overrides = overrides
  }

  /// What is known once the data set is open.
  private struct Opened {
    var dataset: Dataset
    var experiment: Experiment
  }

  /// What ``fill(world:progress:)`` did.
  public struct Outcome: Sendable {
    /// The folder.
    public let folder: String
    /// Volumes that were prepared in this call.
    public let prepared: Int
    /// All volumes: one a subject, or one a subject and fold where folds learn their preparation.
    public let total: Int
    /// What the data set's files are told of in passing.
    public let notices: [String]
  }

  /// Fills the folder `data.cache`; collective over `world`.
  ///
  /// - Parameters:
  ///   - world: all ranks.
  ///   - progress: called on each rank with the number of its subjects done so far, and of all.
  /// - Returns: what was done.
  /// - Throws: an error in one sentence; on every rank the same.
  public func fill(
    world: any Communicator, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Outcome {
    let folder = try world.agree { try cacheFolder() }
    let opened = try open(world)
    let host = try HostRanks(world)
    let folds = try world.agree {
      opened.experiment.configuration.preparation.isComplete
        ? nil : try Folds(of: opened.dataset, opened.experiment.configuration.data)
    }
    var experiments = [opened.experiment]
    if let folds {
      let learned = try opened.experiment.learned(
        for: Array(folds.splits.indices), of: folds, opened.dataset, world: world,
        threads: host.threads)
      experiments = learned.sorted { $0.key < $1.key }.map(\.value)
    }
    var (prepared, total) = (0, 0)
    for experiment in experiments {
      let filled = try PreparedCache(folder, for: experiment)
        .fill(opened.dataset, world: world, threads: host.threads, progress: progress)
      prepared += filled.prepared
      total += filled.total
    }
    return Outcome(
      folder: folder, prepared: prepared, total: total, notices: opened.dataset.notices)
  }

  /// The fingerprint of the data set on rank 0, nil elsewhere; collective over `world`.
  ///
  /// - Parameters:
  ///   - world: all ranks.
  ///   - progress: called on each rank with the number of its subjects done so far, and of all.
  /// - Returns: the fingerprint.
  /// - Throws: an error in one sentence; on every rank the same.
  public func fingerprint(
    world: any Communicator, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> DatasetFingerprint? {
    let opened = try open(world)
    return try DatasetFingerprint.measure(
      opened.dataset, opened.experiment, world: world, progress: progress)
  }

  /// Removes what was not used for some days from the folder `data.cache`.
  ///
  /// - Parameter days: how long it must not have been used.
  /// - Returns: how much was removed, and from which folder.
  /// - Throws: an error in one sentence.
  public func prune(unusedFor days: Double) throws -> (folder: String, pruned: PreparedCache.Pruned)
  {
    let folder = try cacheFolder()
    return (folder, try PreparedCache.prune(folder, unusedFor: days))
  }

  private func cacheFolder() throws -> String {
    let loaded = try ExperimentConfiguration.load(contentsOf: configuration, overrides: overrides)
    guard let folder = loaded.data.cache else {
      throw ConfigurationError([
        ConfigurationFault(
          "data.cache", "is not set: name the folder to keep prepared volumes in")
      ])
    }
    return folder
  }

  private func open(_ world: any Communicator) throws -> Opened {
    // Rank 0 reads the file: the others cannot disagree with it.
    let text = try world.agree {
      world.rank == 0
        ? try ExperimentConfiguration.load(contentsOf: configuration, overrides: overrides)
          .measured().resolvedYAML() : ""
    }
    let resolved = try ExperimentConfiguration.load(
      yaml: world.broadcast(text, root: 0), name: configuration)
    return try world.agree {
      let dataset = try Dataset.open(resolved.data)
      return Opened(
        dataset: dataset,
        experiment: try Experiment(
          resolved, channels: dataset.channels.count, labels: dataset.labels))
    }
  }
}
