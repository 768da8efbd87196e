internal import Collective
internal import Compute
internal import Evaluation
internal import Volumes

/// Trains the folds of a study over the ranks of a communicator.
struct CrossValidation {
  private let study: Study
  private let folder: RunFolder
  private let engine: any Engine

  /// A cross-validation that writes into `folder`, on rank 0.
  init(_ study: Study, folder: RunFolder, engine: any Engine) {
    self.study = study
    self.folder = folder
    self.engine = engine
  }

  /// Trains folds to their ends, side by side as far as there are ranks.
  ///
  /// Collective over `world`. Groups of ranks are made here and nowhere else.
  /// - Parameters:
  ///   - folds: which folds.
  ///   - world: all ranks.
  ///   - checkpoints: the state each fold goes on from, on every rank; absent folds start anew.
  ///   - finished: the metrics of folds trained before, for the tables, on rank 0.
  ///   - observer: told of progress, on rank 0.
  ///   - stop: the wish to stop on this rank.
  ///   - tuning: what changes when things happen, not what comes out.
  /// - Returns: the metrics of all folds' validation subjects on rank 0; nil elsewhere.
  /// - Throws: ``RunStopped`` on every rank where one wished to stop before all folds were trained;
  ///   what else ended the run. Nothing that was saved before is lost.
  func run(
    folds: [Int], world: any Communicator, checkpoints: [Int: Checkpoint],
    finished: [SubjectMetrics] = [], observer: any RunObserver, stop: StopRequest = StopRequest(),
    tuning: RunTuning = RunTuning()
  ) throws -> MetricsTable? {
    let orders = OrderChannel(try world.duplicate(name: "orders"))
    let records = RecordChannel(try world.duplicate(name: "records"))
    let training = study.experiment.configuration.training
    var root: (dispatcher: Dispatcher, writer: RecordWriter)?
    let dispatch: any Dispatch
    if world.rank == 0 {
      observer.foldsQueued(folds)
      let writer = RecordWriter(study, folder: folder, observer: observer)
      let dispatcher = try Dispatcher(
        FoldScheduler(
          folds: folds, shards: training.shards, minimumGain: tuning.minimumGain,
          isElastic: study.experiment.configuration.compute.elastic),
        size: world.size, totalSteps: training.totalSteps, writer: writer, orders: orders,
        records: records, stop: stop, inform: observer.informed)
      try dispatcher.begin()
      root = (dispatcher, writer)
      dispatch = dispatcher
    } else {
      let isLeader = FoldScheduler.leaders(folds: folds.count, ranks: world.size)
        .contains(world.rank)
      dispatch = try DispatchedRank(
        orders: orders, sender: isLeader ? RecordSender(records) : nil, stop: stop)
    }
    while let order = try dispatch.next() {
      try carryOut(
        order, world: world, checkpoints: checkpoints, dispatch: dispatch, stop: stop,
        tuning: tuning, observer: observer)
    }
    try dispatch.finish()
    let isIncomplete =
      try world.broadcast(
        root?.dispatcher.isIncomplete == true ? 1 : 0, root: 0) > 0
    if isIncomplete { throw RunStopped(folder: folder.path, size: world.size) }
    guard let root else { return nil }
    let table = MetricsTable(
      finished + folds.flatMap { root.writer.tables[$0]?.subjects ?? [] })
    try folder.crossValidation.write(table)
    try writeCurves()
    return table
  }

  /// Trains a fold with the ranks that an order names, and with those that join them.
  private func carryOut(
    _ order: Order, world: any Communicator, checkpoints: [Int: Checkpoint],
    dispatch: any Dispatch, stop: StopRequest, tuning: RunTuning, observer: any RunObserver
  ) throws {
    let (assignment, isJoining): (FoldScheduler.Assignment, Bool)
    switch order {
    case .train(let given): (assignment, isJoining) = (given, false)
    case .join(let given): (assignment, isJoining) = (given, true)
    case .grant, .stop, .dismiss: preconditionFailure("\(order) is nothing to train")
    }
    let fold = assignment.fold
    func group(_ ranks: [Int]) throws -> (any Communicator, ReductionRoute) {
      let group = try world.group(of: ranks, name: "fold \(fold)")
      let measured = try RouteMeasurement.take(
        over: group, shardCount: study.experiment.configuration.training.shards,
        format: study.experiment.configuration.training.wire)
      if let measured, world.rank == 0 { observer.informed("\(group.name): \(measured)") }
      return (group, measured?.route ?? .standard)
    }
    var (communicator, route) = try group(assignment.ranks)
    let checkpoint =
      try isJoining
      ? Checkpoint(
        reading: communicator.broadcast([UInt8](), root: 0), name: "the state of fold \(fold)")
      : checkpoints[fold]
    let run = try FoldRun(
      study, fold: fold, engine: engine, communicator: communicator, route: route,
      checkpoint: checkpoint, dispatch: dispatch, stop: stop,
      progressInterval: tuning.progressInterval)
    var members = assignment.ranks
    while case .joined(let joining) = try run.run() {
      members += joining
      let old = communicator
      (communicator, route) = try group(members)
      let state = try communicator.broadcast(run.state(), root: 0)
      try run.move(to: communicator, route: route, state: state)
      try old.free()
    }
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
