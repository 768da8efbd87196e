internal import Evaluation
public import Foundation

/// How far a run is, read from its folder alone: while it is being written, or long after.
public struct RunStatus: Sendable {
  /// A fold and what only its folder tells.
  public struct Fold: Sendable {
    /// How far it is.
    public var progress: FoldProgress
    /// Since when it has ended, or the last sign of one that was interrupted.
    public var since: Date?
    /// The highest Dice of a validation.
    public var bestDice: Double?
    /// The share of the exchange of gradients that went on while the ranks computed, in the last
    /// epoch.
    public var overlap: Double?
    /// When its last state was saved, and after which step.
    public var saved: (date: Date, step: Int?)?
  }

  /// The run's folder.
  public let folder: RunFolder
  /// The experiment's name.
  public let name: String
  /// The epochs of a whole run.
  public let epochs: Int
  /// Who writes the folder now; `nil` for nobody.
  public let writer: RunWriter?
  /// The ranks and hosts of the last call, and when it began, in ISO 8601.
  public let ranks: Int?, hosts: [String], started: String?
  /// The folds in order.
  public let folds: [Fold]
  /// What a watchdog left that ended the last job.
  public let flightRecords: FlightRecords?
  /// The command that goes on with the run, to be pasted into a shell in the working folder where it
  /// was begun.
  public let continuation: String

  /// Reads a run's folder.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - now: the time.
  /// - Throws: a ``FileError`` or ``ConfigurationError`` in one sentence for a folder that is no
  ///   run.
  public init(_ path: String, now: Date = Date()) throws {
    let folder = RunFolder(path)
    guard let yaml = try? String(contentsOfFile: folder.configuration, encoding: .utf8) else {
      throw FileError(
        path: path,
        description: "\(path) is no run folder (it lacks config.resolved.yaml): name a folder that "
          + "train has written.")
    }
    let configuration = try ExperimentConfiguration.load(yaml: yaml, name: folder.configuration)
    let made = try? Provenance.read(folder.provenance).last
    let writer = RunWriter(folder, now: now)
    // What another process wrote is of an earlier call.
    let live = ProgressFile.read(folder).flatMap { content in
      content.process == writer?.process && content.host == writer?.host ? content : nil
    }
    self.folder = folder
    name = configuration.name
    epochs = configuration.training.epochs
    self.writer = writer
    (ranks, started) = (made?.ranks, made?.started)
    hosts = made.map { Set($0.hosts).sorted() } ?? []
    folds = (0..<Self.foldCount(folder, configuration)).map { fold in
      Fold(
        fold, folder.fold(fold), configuration.training,
        live: live?.folds.first { $0.fold == fold && !$0.isFinished })
    }
    flightRecords = FlightRecords(folder)
    continuation = RunContinuation(of: folder, after: made).command
  }

  /// Whether nothing is left to do.
  public var isFinished: Bool { folds.allSatisfy { $0.progress.state == .ended } }

  private struct Split: Decodable {
    var val: [String]
  }

  /// As many as were dealt; before that, as many as are asked for.
  private static func foldCount(
    _ folder: RunFolder, _ configuration: ExperimentConfiguration
  ) -> Int {
    let splits = FileManager.default.contents(atPath: folder.splits).flatMap {
      try? JSONDecoder().decode([Split].self, from: $0)
    }
    return splits?.count ?? configuration.data.folds.count
  }

  /// When a file was last written; `nil` where there is none.
  static func modification(of path: String) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.modificationDate] as? Date
  }
}

extension RunStatus.Fold {
  /// Reads a fold's folder.
  ///
  /// - Parameters:
  ///   - number: the fold.
  ///   - folder: its folder.
  ///   - training: how long it trains.
  ///   - live: what the running process says of it.
  fileprivate init(
    _ number: Int, _ folder: FoldFolder, _ training: TrainingSection,
    live: ProgressFile.Content.Fold?
  ) {
    let log = TrainingLog(text: (try? String(contentsOfFile: folder.log, encoding: .utf8)) ?? "")
    let last = log.entries.last
    let ended = RunStatus.modification(of: folder.validation.metrics)
    let checkpoints = [FoldFolder.Checkpoint.final, .latest].compactMap { kind in
      RunStatus.modification(of: folder.checkpoint(kind)).map {
        (date: $0, step: CheckpointHeader.step(of: folder.checkpoint(kind)))
      }
    }
    saved = checkpoints.max { $0.date < $1.date }
    let written = RunStatus.modification(of: folder.log)
    let state: FoldProgress.State =
      if ended != nil, live == nil { .ended } else if live != nil {
        .training
      } else if saved != nil || !log.entries.isEmpty { .interrupted } else { .notBegun }
    progress = FoldProgress(fold: number, state: state)
    bestDice = log.best?.dice
    overlap = last?.timings?.overlap
    since =
      switch state {
      case .ended: ended
      case .interrupted: [written, saved?.date].compactMap(\.self).max()
      case .training, .notBegun, .waiting: nil
      }
    guard state != .notBegun else { return }
    let step = [live?.step, last?.step, saved?.step].compactMap(\.self).max() ?? 0
    progress.step = step
    progress.totalSteps = training.totalSteps
    progress.epoch = step > 0 ? (step - 1) / max(1, training.stepsPerEpoch) + 1 : 0
    progress.loss = live?.loss ?? last?.loss
    progress.dice = log.entries.last { $0.dice != nil }?.dice
    progress.samplesPerSecond =
      live?.samplesPerSecond ?? last?.rate(training)
    progress.exposedFraction = live?.exposedFraction ?? last?.timings?.exposedFraction
    guard let live else { return }
    if live.step > live.firstStep {
      progress.secondsLeft =
        Double(live.totalSteps - live.step) * live.seconds / Double(live.step - live.firstStep)
    }
  }
}

extension TrainingLog.Entry {
  /// Samples a second over the epoch, validation included.
  fileprivate func rate(_ training: TrainingSection) -> Double? {
    let samples = Double(training.stepsPerEpoch * training.shards * training.shardSize)
    return seconds.flatMap { $0 > 0 ? samples / $0 : nil }
  }
}
