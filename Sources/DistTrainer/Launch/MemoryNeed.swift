internal import Collective
internal import Compute
internal import Nets

/// The memory that training takes, in bytes, by where it is taken.
struct MemoryNeed: Equatable {
  /// Each rank: weights, gradients, optimizer, activations and the sums of gradients.
  var training = 0
  /// Each rank: the plan that predicts, and the scores of the largest volume.
  var prediction = 0
  /// Each rank: volumes that it holds for itself.
  var ownVolumes = 0
  /// Each host: volumes in files, which its ranks share; the system may take their pages back.
  var sharedVolumes = 0
  /// The first rank of each fold: a checkpoint's copy, and the file made of it.
  var checkpoint = 0

  /// What each rank takes.
  var rank: Int { training + prediction + ownVolumes }

  /// What a host needs that cannot be taken back.
  ///
  /// - Parameters:
  ///   - ranks: the host's ranks.
  ///   - folds: how many folds are trained side by side.
  /// - Returns: bytes.
  func host(ranks: Int, folds: Int) -> Int { ranks * rank + min(ranks, folds) * checkpoint }
}

extension MemoryNeed {
  /// What the folds of a study take.
  ///
  /// - Parameters:
  ///   - study: its volumes are prepared.
  ///   - folds: the folds to be trained.
  ///   - engine: plans memory, without allocating it.
  ///   - ranks: the ranks of a fold that has the fewest.
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  init(_ study: Study, folds: [Int], engine: any Engine, ranks: Int) throws {
    let experiment = study.experiment(of: folds[0])
    let settings = experiment.configuration.training
    let precision = experiment.precision(on: engine)
    let step = try NetworkGraphs.training(
      experiment.network, loss: experiment.loss,
      input: experiment.networkInput(batch: settings.shardSize), classes: experiment.classes)
    let plan = try engine.estimateMemory(of: step, precision: precision)
    let elements = step.parameters.elementCount
    let arena = elements * MemoryLayout<Float>.size
    let arrays = 2 + experiment.optimizer.stateNames.count
    let sums = OrderedReducer.memory(
      ranks: ranks, shardCount: settings.shards, elementCount: elements, format: settings.wire)
    training = plan.arena + plan.weights + arrays * arena + sums
    let tile = try engine.estimateMemory(
      of: NetworkGraphs.inference(
        experiment.network, input: experiment.networkInput(batch: 1),
        classes: experiment.classes), precision: precision)
    // Weights, the optimizer's state, and a residual for each node of the tree of shards.
    let residuals = settings.wire == .bfloat16 ? 2 * settings.shards - 1 : 0
    checkpoint = 2 * (arrays - 1 + residuals) * arena

    var largest = 0
    for fold in folds {
      for subject in study.subjects(of: fold) {
        largest = max(largest, subject.shape.reduce(1, *))
      }
    }
    prediction =
      tile.arena + tile.weights + largest * (experiment.classes + 1) * MemoryLayout<Float>.size
    // Folds that learn their preparation have volumes of their own; else all have the same.
    for fold in study.hasOwnVolumes ? folds : [folds[0]] {
      for subject in study.subjects(of: fold) {
        let bytes = subject.shape.reduce(1, *) * (4 * experiment.channels + 1)
        if subject.isMapped { sharedVolumes += bytes } else { ownVolumes += bytes }
      }
    }
  }
}
