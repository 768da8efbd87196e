public import Collective
public import Compute
public import Evaluation
internal import Foundation

/// One call of `segmpi train`: from a configuration's file to a finished run folder.
public struct TrainingRun: Sendable {
  /// The configuration's file.
  public var configuration: String
  /// Keys set on the command line, `section.key=value`.
  public var overrides: [String]
  /// The folds to train; nil is all of them.
  public var folds: [Int]?
  /// The run's folder; nil names it after the experiment, under `runs`.
  public var output: String?
  /// Whether to go on with what the folder holds.
  public var continues: Bool
  /// The command line, for the provenance.
  public var command: [String]
  /// How many steps of every rank are traced; nil is none.
  public var traceSteps: Int?
  /// How ranks that hang are found, but for the folder of their records; nil does not look.
  public var watchdog: Watchdog.Settings?
  /// The wish to stop on this rank.
  public var stop: StopRequest

  /// What changes when things happen, not what comes out.
  var tuning = RunTuning()

  /// A call with these arguments.
  public init(
    configuration: String, overrides: [String] = [], folds: [Int]? = nil, output: String? = nil,
    continues: Bool = false, command: [String] = [], watchdog: Watchdog.Settings? = nil,
    stop: StopRequest = StopRequest()
  ) {
    self.configuration = configuration
    self.overrides = overrides
    self.folds = folds
    self.output = output
    self.continues = continues
    self.command = command
    self.watchdog = watchdog
    self.stop = stop
  }

  /// What a finished run leaves.
  public struct Outcome: Sendable {
    /// The run's folder.
    public let folder: RunFolder
    /// The metrics of the validation subjects of every fold that the folder has trained.
    public let table: MetricsTable

    /// Mean Dice per fold and label, as text.
    public var diceTable: String { DiceTable(table).description }
  }

  /// Trains; collective over `world`.
  ///
  /// - Parameters:
  ///   - world: all ranks.
  ///   - observer: told of progress, on rank 0.
  ///   - makeEngine: the engine for a configuration's compute section.
  /// - Returns: what was made, on rank 0; nil elsewhere.
  /// - Throws: an error in one sentence; on every rank the same, wherever it arose, until training
  ///   begins.
  public func run(
    world: any Communicator, observer: any RunObserver,
    makeEngine: (ComputeSection) throws -> any Engine
  ) throws -> Outcome? {
    let isRoot = world.rank == 0
    try LaunchedProgram.requireSame(world)
    // Rank 0 reads the file: the others cannot disagree with it.
    let text = try world.agree {
      try isRoot
        ? ExperimentConfiguration.load(contentsOf: configuration, overrides: overrides)
          .measured().resolvedYAML() : ""
    }
    let resolved = try ExperimentConfiguration.load(
      yaml: world.broadcast(text, root: 0), name: configuration)
    let folder = RunFolder(output ?? "runs/\(resolved.name)")
    let watch = try watch(world, folder, observer)
    defer { watch?.stop() }
    let trace = try traceSteps.map { try RunTrace(world, steps: $0) }
    let (dataset, experiment) = try world.agree {
      let dataset = try Dataset.open(resolved.data)
      return (
        dataset,
        try Experiment(resolved, channels: dataset.channels.count, labels: dataset.labels)
      )
    }
    let folds = try world.agree { try Folds(of: dataset, resolved.data) }
    let engine = try world.agree { try makeEngine(resolved.compute) }
    let launch = try LaunchPlan(
      dataset, RankSituation(threads: resolved.compute.threads, engine: engine, world: world),
      world: world, threads: RankCores.count)
    let warnings = try DatasetCheck.require(dataset, for: resolved, world: world)
    let selected = try world.agree { try selectedFolds(of: folds) }
    var study = try Study(
      experiment, dataset: dataset, folds: folds, selected: selected, world: world)
    if isRoot {
      for notice in study.dataset.notices + study.folds.notices + warnings {
        observer.noticed(notice)
      }
    }
    let lines = try launch.begin(study, folds: selected, engine: engine, world: world)
    let lock = try world.agree { try isRoot ? prepare(folder, study, resolved) : nil }
    try study.learnClassWeights(
      for: selected, in: folder, continues: continues, world: world)
    let checkpoints = try readCheckpoints(
      of: selected, study, in: folder, world: world, observer: observer)
    try study.readInitialWeights(
      for: selected.filter { checkpoints[$0] == nil }, in: folder, world: world,
      observer: observer)
    // Folds that an earlier call finished stay in the tables.
    let finished = try world.agree {
      try isRoot && continues ? study.savedMetrics(except: selected, in: folder) : []
    }
    let data = try study.dataset.checksum(world: world, threads: RankCores.count)
    let hosts = try world.gatherTexts(ProcessInfo.processInfo.hostName)
    try world.agree {
      guard let hosts, let data else { return }
      try record(
        resolved, study, engine, hosts: hosts, library: world.library, data: data, checkpoints,
        in: folder)
    }
    if continues, isRoot, checkpoints.isEmpty {
      observer.noticed(
        "nothing was trained in \(folder.path) yet (there is no checkpoint to continue from), so that "
          + "training begins anew")
    }
    for line in lines { observer.informed(line) }
    // A wish that came while the data was prepared.
    if try world.allReduce(stop.isMade ? 1 : 0, by: .maximum) > 0 {
      throw RunStopped(folder: folder.path, size: world.size)
    }
    let table: MetricsTable?
    do {
      table = try CrossValidation(study, folder: folder, engine: engine).run(
        folds: selected, world: world, checkpoints: checkpoints, finished: finished,
        observer: observer, stop: stop, tuning: tuning)
    } catch let stopped as RunStopped {
      // All ranks are here: what they did until then can still be brought together.
      try trace?.finish(in: folder)
      throw stopped
    }
    try trace?.finish(in: folder)
    _ = consume lock
    return table.map { Outcome(folder: folder, table: $0) }
  }

  private func selectedFolds(of folds: Folds) throws -> [Int] {
    let all = folds.splits.indices
    let selected = self.folds ?? Array(all)
    if let stray = selected.first(where: { !all.contains($0) }) {
      throw FoldsError([
        "There is no fold \(stray): the folds are 0 to \(all.count - 1); change --fold."
      ])
    }
    return selected
  }

  /// Makes or checks the run's folder and locks it.
  private func prepare(
    _ folder: RunFolder, _ study: Study, _ resolved: ExperimentConfiguration
  ) throws -> HeldLock {
    let yaml = try resolved.resolvedYAML()
    let existing = try? String(contentsOfFile: folder.configuration, encoding: .utf8)
    if let existing {
      guard continues else {
        throw FileError(
          path: folder.path,
          description: "The folder \(folder.path) already holds a run: go on with it by "
            + "--continue, or write elsewhere with --output.")
      }
      try requireSame(existing, yaml, in: folder)
    }
    try folder.create(folds: study.folds.splits.count)
    let lock = try HeldLock(folder: folder.path)
    try folder.retireFlightRecords()
    if existing == nil {
      try AtomicFile.replace(folder.splits, with: study.folds.json)
      try AtomicFile.replace(folder.configuration, with: yaml)
    } else {
      let saved = try Folds(contentsOf: folder.splits, dataset: study.dataset)
      guard saved.splits == study.folds.splits else {
        throw FileError(
          path: folder.splits,
          description: "The data set no longer falls into the folds of \(folder.splits): restore "
            + "its subjects and columns, or start a new run with --output.")
      }
    }
    return lock
  }

  private func requireSame(_ old: String, _ new: String, in folder: RunFolder) throws {
    guard let difference = try ConfigurationDifference(from: old, to: new) else { return }
    throw FileError(
      path: folder.configuration,
      description: "The run in \(folder.path) was started with another configuration "
        + "(\(difference)): continue with its config.resolved.yaml, or start a new run with "
        + "--output.")
  }

  /// Begins to watch for ranks that hang.
  private func watch(
    _ world: any Communicator, _ folder: RunFolder, _ observer: any RunObserver
  ) throws -> Watchdog? {
    guard var settings = watchdog else { return nil }
    settings.recordFolder = folder.flight
    let started = try Watchdog.start(over: world, settings)
    if let notice = started?.notice, world.rank == 0 { observer.noticed(notice) }
    return started?.watchdog
  }

  /// The state each fold goes on from, read by rank 0: its final checkpoint, else its latest, else
  /// the one before; a damaged one is passed over with a notice.
  private func readCheckpoints(
    of folds: [Int], _ study: Study, in folder: RunFolder, world: any Communicator,
    observer: any RunObserver
  ) throws -> [Int: Checkpoint] {
    guard continues else { return [:] }
    var checkpoints: [Int: Checkpoint] = [:]
    for fold in folds {
      let found = try world.agree {
        try world.rank == 0 ? folder.fold(fold).lastState(notice: observer.noticed) : nil
      }
      let name = try world.broadcast(found?.name ?? "", root: 0)
      let bytes = try world.broadcast(found?.bytes ?? [], root: 0)
      guard !bytes.isEmpty else { continue }
      checkpoints[fold] = try world.agree {
        let checkpoint = try Checkpoint(reading: bytes, name: name)
        try checkpoint.requireFits(study.experiment(of: fold), fold: fold)
        return checkpoint
      }
    }
    return checkpoints
  }

  private func record(
    _ resolved: ExperimentConfiguration, _ study: Study, _ engine: any Engine, hosts: [String],
    library: String?, data: String, _ checkpoints: [Int: Checkpoint], in folder: RunFolder
  ) throws {
    let steps = try checkpoints.values.map { try $0.progress().step }
    var versions = ["segmpi": ProgramVersion.number, "engine": engine.name]
    versions["MPI"] = library
    try Provenance(
      command: command, versions: versions, hosts: hosts,
      threads: resolved.compute.threads, instructionSet: engine.instructionSet,
      precision: study.experiment.precision(on: engine).rawValue,
      seeds: ["training": resolved.training.seed, "folds": resolved.data.folds.seed],
      hashes: [
        "config.resolved.yaml": SHA256.hex(of: try resolved.resolvedYAML()),
        "splits_final.json": SHA256.hex(of: study.folds.json),
        "data": data, "program": LaunchedProgram.identity,
      ], continuedAfterStep: steps.min()
    ).write(to: folder.provenance, continuing: continues)
  }
}

/// A folder's lock in a form that closures may return.
private final class HeldLock {
  private let lock: FolderLock

  init(folder: String) throws { lock = try FolderLock(folder: folder) }
}
