public import Collective
public import Compute
public import Evaluation
internal import Volumes

/// Trains the folds of a study over the ranks of a communicator.
public struct CrossValidation {
  private let study: Study
  private let folder: RunFolder
  private let engine: any Engine

  /// A cross-validation that writes into `folder`, on rank 0.
  public init(_ study: Study, folder: RunFolder, engine: any Engine) {
    self.study = study
    self.folder = folder
    self.engine = engine
  }

  /// Trains folds to their ends, side by side as far as there are ranks.
  ///
  /// Collective over `world`. Sub-communicators are created here and nowhere else.
  /// - Parameters:
  ///   - folds: which folds.
  ///   - world: all ranks.
  ///   - checkpoints: the state each fold goes on from, on every rank; absent folds start anew.
  ///   - finished: the metrics of folds trained before, for the tables, on rank 0.
  ///   - observer: told of progress, on rank 0.
  /// - Returns: the metrics of all folds' validation subjects on rank 0; nil elsewhere.
  /// - Throws: what ended the run; nothing that was saved before is lost.
  public func run(
    folds: [Int], world: any Communicator, checkpoints: [Int: Checkpoint],
    finished: [SubjectMetrics] = [], observer: any RunObserver
  ) throws -> MetricsTable? {
    let schedule = FoldSchedule(folds: folds, ranks: world.size)
    let group = schedule.group(ofRank: world.rank)
    guard
      let communicator = try world.split(color: group, key: world.rank, name: "group \(group)")
    else { preconditionFailure("a rank with a color belongs to a group") }
    let channel = RecordChannel(try world.duplicate(name: "records"))

    let writer =
      world.rank == 0
      ? try RecordWriter(
        study, folder: folder, observer: observer, channel: channel,
        leaders: (1..<max(1, schedule.groupCount)).map { schedule.leader(ofGroup: $0) }) : nil
    let sink: any RecordSink =
      if let writer { writer } else if communicator.rank == 0 {
        RecordSender(channel)
      } else { RecordDiscard() }

    let route = try RouteMeasurement.take(
      over: communicator, shardCount: study.experiment.configuration.training.shards)
    if let route, world.rank == 0 { observer.informed("\(communicator.name): \(route)") }
    for fold in schedule.folds(ofGroup: group) {
      let run = try FoldRun(
        study, fold: fold, engine: engine, communicator: communicator,
        route: route?.route ?? .standard, checkpoint: checkpoints[fold], sink: sink)
      try run.run()
    }
    if communicator.rank == 0 {
      try sink.record(RunRecord(kind: .finished, fold: folds[0]))
    }
    try writer?.drain()
    try world.barrier()
    guard let writer else { return nil }
    let table = MetricsTable(
      finished + folds.flatMap { writer.tables[$0]?.subjects ?? [] })
    try folder.crossValidation.write(table)
    try writeCurves()
    return table
  }

  /// Puts the curves' areas of all finished folds into one table.
  private func writeCurves() throws {
    let labels = study.dataset.labels.filter { $0.number != 0 }
    let scores = try study.folds.splits.indices.compactMap { fold in
      try FoldScores(
        of: folder, fold: fold, labels: labels,
        subjects: study.measuredPlaces(fold).map { study.dataset.subjects[$0].name })
    }
    guard !scores.isEmpty else { return }
    try AtomicFile.replace(folder.crossValidation.curves, with: FoldScores.curvesCSV(of: scores))
  }
}
