internal import Collective
internal import Compute
internal import Evaluation
internal import Nets

/// The life of one fold: train, validate, save, report.
final class FoldRun {
  /// How a run of a fold ends for the ranks that share it.
  enum Ending: Equatable {
    /// The fold is trained and measured.
    case ended
    /// Somebody wished to stop; all is saved.
    case stopped
    /// At the end of an epoch other ranks join: go on over all of them.
    case joined([Int])
  }

  private let study: Study
  private let fold: Int
  private let trainer: FoldTrainer
  private let validation: FoldValidation
  /// The final measurement: of the test subjects where there are some.
  private let finalValidation: FoldValidation
  private let dispatch: any Dispatch
  private var isLeader: Bool { trainer.communicator.rank == 0 }
  private var hasBegun = false
  private var hasAsked = false
  private var epochStart = ContinuousClock.now
  private var meter: ProgressMeter
  private var trace: TraceLog { trainer.communicator.recorder.trace }

  /// A fold's run over the ranks of `communicator`.
  ///
  /// - Parameters:
  ///   - study: the experiment and its subjects.
  ///   - fold: the fold, from 0.
  ///   - engine: what computes.
  ///   - communicator: the ranks that share the fold.
  ///   - route: how gradients travel between them.
  ///   - checkpoint: the state to go on from; nil starts anew.
  ///   - dispatch: where the leader reports to, and gets ranks from.
  ///   - stop: the wish to stop on this rank.
  ///   - progressInterval: how often the leader tells of its steps at most.
  /// - Throws: `GraphError`, `EngineError` or ``CheckpointError`` where network, engine and
  ///   checkpoint do not fit.
  init(
    _ study: Study, fold: Int, engine: any Engine, communicator: any Communicator,
    route: ReductionRoute, checkpoint: Checkpoint?, dispatch: any Dispatch, stop: StopRequest,
    progressInterval: Duration
  ) throws {
    self.study = study
    self.fold = fold
    self.dispatch = dispatch
    trainer = try FoldTrainer(
      study.experiment(of: fold), fold: fold, subjects: study.training(fold), engine: engine,
      communicator: communicator, route: route)
    trainer.stop = stop
    if let checkpoint {
      try trainer.restore(checkpoint)
    } else if let transfer = study.transfers[fold] {
      trainer.take(transfer)
    }
    meter = ProgressMeter(
      fold: fold, training: trainer.experiment.configuration.training,
      from: trainer.progress.step, at: .now, interval: progressInterval)
    let subjects = study.subjects(of: fold)
    let places = study.validationPlaces(fold)
    validation = try FoldValidation(
      trainer, subjects: places.map { (place: $0, subject: subjects[$0]) }, engine: engine)
    let measured = study.measuredPlaces(fold)
    finalValidation =
      try measured == places
      ? validation
      : FoldValidation(
        trainer, subjects: measured.map { (place: $0, subject: subjects[$0]) }, engine: engine)
  }

  /// The state, for ranks that join; on the fold's first rank, nothing on the others. Collective over
  /// the fold's ranks.
  func state() throws -> [UInt8] {
    let residuals = try trainer.residuals()
    return isLeader ? try trainer.snapshot(residuals).bytes() : []
  }

  /// Goes on over the ranks of another communicator with the state that they have. Collective over
  /// it.
  func move(to communicator: any Communicator, route: ReductionRoute, state: [UInt8]) throws {
    try trainer.move(to: communicator, route: route, state: state)
  }

  /// Trains to the end and validates, or until something else is to be done first.
  ///
  /// Collective over the fold's ranks.
  func run() throws -> Ending {
    let training = study.experiment.configuration.training
    if !hasBegun {
      hasBegun = true
      try report(RunRecord(kind: .began, fold: fold, index: trainer.progress.step))
    }
    while true {
      // Also where a run was stopped before the end of an epoch was dealt with.
      if let epoch = trainer.progress.openEpoch(stepsPerEpoch: training.stepsPerEpoch) {
        let isClosed = try closeEpoch(epoch)
        if isClosed { try save(.latest) }
        // Whoever was granted waits to be taken up, even if only to stop together.
        if let ranks = try joining() { return .joined(ranks) }
        if !isClosed { return try stopped() }
      }
      if trainer.isFinished { break }
      if trainer.isStopAgreed { return try stopped() }
      try step(training)
    }
    return try finish()
  }

  private func step(_ training: TrainingSection) throws {
    let next = trainer.progress.step + 1
    if next % training.stepsPerEpoch == 0, next < training.totalSteps { try ask() }
    _ = try trainer.step()
    let step = trainer.progress.step
    if isLeader,
      let figures = meter.figures(
        step: step, epochLoss: trainer.progress.epochLoss, timings: trainer.timings, at: .now)
    {
      try dispatch.mention(RunRecord(figures))
    }
    let isDue = training.checkpointEvery > 0 && step % training.checkpointEvery == 0
    if isDue, step % training.stepsPerEpoch != 0 { try save(.latest) }
    try dispatch.poll()
  }

  /// Validates and measures with the final weights.
  private func finish() throws -> Ending {
    try save(.final)
    let start = trace.begin(.validate)
    let numbers = try finalValidation.run(
      study.experiment.measurement,
      onPrediction: { [self] place, classes in
        try report(
          RunRecord(kind: .prediction, fold: fold, index: place, payload: classes))
      }, onScores: study.experiment.configuration.evaluation.curves ? reportScores : nil,
      betweenTiles: { [dispatch] in try dispatch.poll() })
    trace.end(.validate, since: start)
    guard let numbers else {
      try report(RunRecord(kind: .stopped, fold: fold))
      return .stopped
    }
    try report(
      RunRecord(kind: .measurements, fold: fold, payload: numbers.flatMap { bytes(of: $0) }))
    return .ended
  }

  /// Saves the state as it stands and says so.
  private func stopped() throws -> Ending {
    try save(.latest)
    try report(RunRecord(kind: .stopped, fold: fold))
    return .stopped
  }

  /// Asks for ranks one step before they can join, so that nobody waits for the answer.
  private func ask() throws {
    guard trainer.communicator.size < study.experiment.configuration.training.shards else { return }
    hasAsked = true
    if isLeader { try dispatch.ask(for: fold) }
  }

  /// The ranks that join now; nil where none do.
  private func joining() throws -> [Int]? {
    guard hasAsked else { return nil }
    hasAsked = false
    let ranks = try trainer.communicator.broadcast(
      isLeader ? dispatch.granted() : [], root: 0)
    return ranks.isEmpty ? nil : ranks
  }

  private func reportScores(of place: Int, _ numbers: [Int64]) throws {
    try report(
      RunRecord(
        kind: .scores, fold: fold, index: place, payload: numbers.flatMap { bytes(of: $0) }))
  }

  /// Validates where it is due, decides on the best weights and on stopping, writes the log.
  ///
  /// - Returns: whether that was done; else the run is to stop, and the epoch stays open.
  private func closeEpoch(_ epoch: Int) throws -> Bool {
    let training = study.experiment.configuration.training
    let loss = trainer.progress.epochLoss / Double(training.stepsPerEpoch)
    var values: [TrainingQuantity: Double] = [.trainingLoss: loss]
    var entry: [(String, JSONValue)] = [
      ("epoch", .integer(epoch)), ("step", .integer(trainer.progress.step)),
      ("loss", .number(loss)), ("learningRate", .number(trainer.learningRate)),
    ]
    if !training.stages.isEmpty { entry.append(("stage", .integer(trainer.progress.stage))) }
    let isDue = training.validateEvery > 0 && epoch % training.validateEvery == 0
    if isDue {
      guard let validated = try validate(&values) else { return false }
      entry += validated
    }
    trainer.progress.epochLoss = 0
    trainer.progress.closedEpochs = epoch
    if try trainer.endEpoch(epoch, values, saveBest: { try save(.best) }) {
      entry.append(("stoppedEarly", .bool(true)))
    }
    entry.append(("seconds", .number(seconds(since: epochStart))))
    entry.append(("timings", trainer.timings.json))
    trainer.resetTimings()
    epochStart = .now
    try report(
      RunRecord(
        kind: .logLine, fold: fold, index: trainer.progress.step,
        payload: Array(JSONValue.object(entry).compact.utf8)))
    return true
  }

  /// Validates with the weights as they stand, and adds what it finds to `values`. Nil where the
  /// run is to stop.
  private func validate(
    _ values: inout [TrainingQuantity: Double]
  ) throws -> [(String, JSONValue)]? {
    var measurement = study.experiment.measurement
    measurement.surface = nil
    let start = trace.begin(.validate)
    let numbers = try validation.run(
      measurement, quantities: true, betweenTiles: { [dispatch] in try dispatch.poll() })
    trace.end(.validate, since: start)
    guard let numbers else { return nil }
    let places = study.validationPlaces(fold)
    let table = study.experiment.metrics(
      numbers, measurement, of: places.map { study.dataset.subjects[$0] }, fold: fold)
    let mean = table.foregroundMean(Dice.self)
    values.merge(validation.quantities) { $1 }
    values[.validationDice] = mean
    let labels = table.labels.map {
      ($0.name, JSONValue.number(table.aggregate(Dice.self, label: $0.label).mean))
    }
    let others = TrainingQuantity.allCases.compactMap { quantity in
      validation.quantities[quantity].map { (quantity.rawValue, JSONValue.number($0)) }
    }
    return [("dice", .number(mean)), ("diceByLabel", .object(labels))] + others
  }

  private func save(_ kind: FoldFolder.Checkpoint) throws {
    let start = trace.begin(.save)
    // The other ranks give their part of what gradients in bfloat16 have left.
    let residuals = try trainer.residuals()
    guard isLeader else { return }
    defer { trace.end(.save, since: start, number: trainer.progress.step) }
    try dispatch.save(trainer.snapshot(residuals), as: kind)
  }

  private func report(_ record: @autoclosure () throws -> RunRecord) throws {
    if isLeader { try dispatch.record(record()) }
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    start.duration(to: .now) / .seconds(1)
  }
}

/// The little-endian bytes of a number on the wire.
func bytes(of value: Double) -> [UInt8] { bytes(of: Int64(bitPattern: value.bitPattern)) }

/// The little-endian bytes of a number on the wire.
func bytes(of value: Int64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// The numbers in a payload of little-endian bytes.
func integers(in payload: [UInt8]) -> [Int64] {
  var values: [Int64] = []
  for start in stride(from: 0, to: payload.count, by: 8) {
    var value: UInt64 = 0
    for place in 0..<8 { value |= UInt64(payload[start + place]) << UInt64(8 * place) }
    values.append(Int64(bitPattern: value))
  }
  return values
}
