internal import Collective
internal import Compute
internal import Evaluation
internal import Nets

/// The life of one fold: train, validate, save, report.
final class FoldRun {
  private let study: Study
  private let fold: Int
  private let trainer: FoldTrainer
  private let validation: FoldValidation
  /// The final measurement: of the test subjects where there are some.
  private let finalValidation: FoldValidation
  private let sink: any RecordSink
  private let isLeader: Bool
  private var epochStart = ContinuousClock.now
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
  ///   - sink: where the leader reports to.
  /// - Throws: `GraphError`, `EngineError` or ``CheckpointError`` where network, engine and
  ///   checkpoint do not fit.
  init(
    _ study: Study, fold: Int, engine: any Engine, communicator: any Communicator,
    route: ReductionRoute, checkpoint: Checkpoint?, sink: any RecordSink
  ) throws {
    self.study = study
    self.fold = fold
    self.sink = sink
    isLeader = communicator.rank == 0
    trainer = try FoldTrainer(
      study.experiment(of: fold), fold: fold, subjects: study.training(fold), engine: engine,
      communicator: communicator, route: route)
    if let checkpoint {
      try trainer.restore(checkpoint)
    } else if let transfer = study.transfers[fold] {
      trainer.take(transfer)
    }
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

  /// Trains to the end and validates.
  ///
  /// Collective over the fold's ranks.
  func run() throws {
    let training = study.experiment.configuration.training
    try report(RunRecord(kind: .began, fold: fold, index: trainer.progress.step))
    var meter = ProgressMeter(
      fold: fold, training: training, from: trainer.progress.step, at: .now)
    while !trainer.isFinished {
      let loss = try trainer.step()
      let step = trainer.progress.step
      if isLeader,
        let figures = meter.figures(step: step, loss: loss, timings: trainer.timings, at: .now)
      {
        try sink.mention(RunRecord(figures))
      }
      let isEpochEnd = step % training.stepsPerEpoch == 0
      if isEpochEnd { try endEpoch(step / training.stepsPerEpoch) }
      let isDue = training.checkpointEvery > 0 && step % training.checkpointEvery == 0
      if isEpochEnd || isDue { try save(.latestCheckpoint) }
      try sink.poll()
    }
    try save(.finalCheckpoint)
    let start = trace.begin(.validate)
    let numbers = try finalValidation.run(
      study.experiment.measurement,
      onPrediction: { [self] place, classes in
        try report(
          RunRecord(kind: .prediction, fold: fold, index: place, payload: classes))
      }, onScores: study.experiment.configuration.evaluation.curves ? reportScores : nil,
      betweenSubjects: { [sink] in try sink.poll() })
    trace.end(.validate, since: start)
    try report(
      RunRecord(kind: .measurements, fold: fold, payload: numbers.flatMap { bytes(of: $0) }))
  }

  private func reportScores(of place: Int, _ numbers: [Int64]) throws {
    try report(
      RunRecord(
        kind: .scores, fold: fold, index: place, payload: numbers.flatMap { bytes(of: $0) }))
  }

  /// Validates where it is due, decides on the best weights and on stopping, writes the log.
  private func endEpoch(_ epoch: Int) throws {
    let training = study.experiment.configuration.training
    let loss = trainer.progress.epochLoss / Double(training.stepsPerEpoch)
    var values: [TrainingQuantity: Double] = [.trainingLoss: loss]
    var entry: [(String, JSONValue)] = [
      ("epoch", .integer(epoch)), ("step", .integer(trainer.progress.step)),
      ("loss", .number(loss)), ("learningRate", .number(trainer.learningRate)),
    ]
    if !training.stages.isEmpty { entry.append(("stage", .integer(trainer.progress.stage))) }
    trainer.progress.epochLoss = 0
    let isDue = training.validateEvery > 0 && epoch % training.validateEvery == 0
    if isDue { entry += try validate(&values) }
    if try trainer.endEpoch(epoch, values, saveBest: { try save(.bestCheckpoint) }) {
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
  }

  /// Validates with the weights as they stand, and adds what it finds to `values`.
  private func validate(
    _ values: inout [TrainingQuantity: Double]
  ) throws -> [(String, JSONValue)] {
    var measurement = study.experiment.measurement
    measurement.surface = nil
    let start = trace.begin(.validate)
    let numbers = try validation.run(
      measurement, quantities: true, betweenSubjects: { [sink] in try sink.poll() })
    values.merge(validation.quantities) { $1 }
    trace.end(.validate, since: start)
    let places = study.validationPlaces(fold)
    let table = study.experiment.metrics(
      numbers, measurement, of: places.map { study.dataset.subjects[$0] }, fold: fold)
    let mean = table.foregroundMean(Dice.self)
    values[.validationDice] = mean
    let labels = table.labels.map {
      ($0.name, JSONValue.number(table.aggregate(Dice.self, label: $0.label).mean))
    }
    let others = TrainingQuantity.allCases.compactMap { quantity in
      validation.quantities[quantity].map { (quantity.rawValue, JSONValue.number($0)) }
    }
    return [("dice", .number(mean)), ("diceByLabel", .object(labels))] + others
  }

  private func save(_ kind: RunRecord.Kind) throws {
    guard isLeader else { return }
    let start = trace.begin(.save)
    defer { trace.end(.save, since: start, number: trainer.progress.step) }
    try report(
      RunRecord(
        kind: kind, fold: fold, index: trainer.progress.step,
        payload: trainer.checkpoint().bytes))
  }

  private func report(_ record: @autoclosure () throws -> RunRecord) throws {
    if isLeader { try sink.record(record()) }
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
