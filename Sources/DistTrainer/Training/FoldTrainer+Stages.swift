internal import Compute
internal import Nets

extension FoldTrainer {
  /// Whether nothing remains to be trained.
  var isFinished: Bool {
    let epochs = progress.stageEpoch + stage.epochs
    return progress.stoppedEarly
      || progress.step >= epochs * experiment.configuration.training.stepsPerEpoch
  }

  /// Takes note of what an epoch's end has given: of the best value, for the schedule, and on whether
  /// the stage is over; begins the next one where it is.
  ///
  /// A function of the values alone, which are the same on every rank.
  /// - Parameters:
  ///   - epoch: the epoch that has ended, from 1.
  ///   - values: what is known of its quantities.
  ///   - saveBest: called where the weights are the best so far.
  /// - Returns: whether a stage was ended early.
  /// - Throws: what `saveBest` throws.
  func endEpoch(
    _ epoch: Int, _ values: [TrainingQuantity: Double], saveBest: () throws -> Void
  ) throws -> Bool {
    let training = experiment.configuration.training
    let minimumDelta = training.earlyStopping?.minimumDelta ?? 0
    if let value = values[training.quantity],
      progress.improves(value, of: training.quantity, epoch: epoch, minimumDelta: minimumDelta)
    {
      if startsFromBest {
        bestWeights = copyOfValues()
      }
      try saveBest()
    }
    if let quantity = stage.schedule.quantity, let value = values[quantity] {
      stage.schedule.watch(value, &progress.schedule)
    }
    let isEarly = training.earlyStopping?.isOver(after: epoch, progress) ?? false
    if isEarly || epoch - progress.stageEpoch >= stage.epochs {
      endStage(after: epoch, isEarly: isEarly)
    }
    return isEarly
  }

  /// Whether a later stage begins with the best weights.
  private var startsFromBest: Bool {
    experiment.configuration.stages.dropFirst(progress.stage + 1).contains { $0.start == .best }
  }

  /// Begins the next stage, or notes that the last one was left early.
  private func endStage(after epoch: Int, isEarly: Bool) {
    let stages = experiment.configuration.stages
    guard progress.stage + 1 < stages.count else {
      progress.stoppedEarly = isEarly
      return
    }
    progress.stage += 1
    progress.stageEpoch = epoch
    progress.schedule = ScheduleState()
    stage = stages[progress.stage]
    state = OptimizerState(for: stage.optimizer, table: parameters.table)
    if stage.start == .best, let best = bestWeights {
      parameters.update { values, _ in
        for index in values.indices { values[index] = best[index] }
      }
    }
    if !startsFromBest { bestWeights = nil }
  }
}

extension Experiment {
  /// How far training patches may reach beyond a volume, along (D, H, W).
  var borderMargins: (before: [Int], after: [Int]) {
    let borders = borders
    return (
      (0..<3).map { borders[$0] == .zeros ? 0 : patch.margins[$0] },
      (0..<3).map { borders[$0] == .zeros ? 0 : patch.marginsAfter[$0] }
    )
  }

  /// Training subjects with as much beyond their borders as networks need whose output is smaller
  /// than their patch; as they are where patches lie inside.
  func extended(_ subjects: [PreparedSubject]) throws -> [PreparedSubject] {
    let (before, after) = borderMargins
    guard (before + after).contains(where: { $0 > 0 }) else { return subjects }
    return try subjects.map { try $0.extended(before: before, after: after, borders: borders) }
  }
}
