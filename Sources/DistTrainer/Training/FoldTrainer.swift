public import Collective
public import Compute
internal import Nets

/// Trains the network of one fold, data-parallel over the ranks of one communicator.
///
/// A step computes V shards, each by the rank that owns it, sums their gradients in the order of a
/// fixed tree, and takes the same optimizer step on every rank: the weights are the same bits for
/// any number of ranks.
public final class FoldTrainer {
  /// The experiment.
  public let experiment: Experiment
  /// The fold, from 0.
  public let fold: Int
  /// The parameters under training.
  public let parameters: any ParameterStore
  /// How far training has come.
  public internal(set) var progress = TrainingProgress()
  /// Seconds of the steps since the last reset, by what they were spent on.
  public private(set) var timings = StepTimings()

  /// The wish to stop; every step the ranks agree on whether one of them has it.
  public var stop = StopRequest()
  /// Whether at the last step's end some rank wished to stop; the same on every rank.
  public private(set) var isStopAgreed = false

  private(set) var communicator: any Communicator
  /// The stage of training under way.
  var stage: TrainingStage
  var state: OptimizerState
  /// The weights that were best, where a later stage begins with them.
  var bestWeights: [Float]?
  private let engine: any Engine
  private let plan: any Plan
  private let subjects: HeldSubjects
  private var feeder: ShardFeeder
  var reducer: OrderedReducer
  private var losses: [Double] = []

  /// A trainer with freshly initialized weights.
  ///
  /// Collective over `communicator`: every rank makes an equal trainer.
  /// - Parameters:
  ///   - experiment: what to train.
  ///   - fold: the fold, from 0; keys the random numbers.
  ///   - subjects: the subjects it trains on, in the order of the split.
  ///   - engine: what computes.
  ///   - communicator: the ranks that share the fold.
  ///   - route: how gradients travel between them; changes no bit.
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  public init(
    _ experiment: Experiment, fold: Int, subjects: [PreparedSubject], engine: any Engine,
    communicator: any Communicator, route: ReductionRoute = .standard
  ) throws {
    let training = experiment.configuration.training
    self.experiment = experiment
    self.fold = fold
    self.communicator = communicator
    self.engine = engine
    let graph = try NetworkGraphs.training(
      experiment.network, loss: experiment.loss,
      input: experiment.networkInput(batch: training.shardSize), classes: experiment.classes,
      outputWeights: experiment.outputWeights)
    multiplyAdds = graph.multiplyAdds
    let parameters = engine.makeParameterStore(for: graph.parameters)
    parameters.update { values, _ in
      graph.parameters.initialize(&values, seed: training.seed)
      experiment.configuration.initialize.redraw(
        &values, of: graph.parameters, seed: training.seed)
    }
    self.parameters = parameters
    plan = try engine.compile(
      graph, parameters: parameters, precision: experiment.precision(on: engine))
    stage = experiment.configuration.stages[0]
    state = OptimizerState(for: stage.optimizer, table: graph.parameters)
    reducer = try OrderedReducer(
      communicator: communicator, shardCount: training.shards,
      elementCount: graph.parameters.elementCount, route: route, format: training.wire)
    self.subjects = HeldSubjects(subjects: try experiment.extended(subjects))
    feeder = try Self.feeder(
      experiment, subjects: self.subjects, fold: fold, shards: reducer.ownShards, engine: engine,
      step: 0, trace: communicator.recorder.trace)
  }

  private static func feeder(
    _ experiment: Experiment, subjects: HeldSubjects, fold: Int, shards: Range<Int>,
    engine: any Engine, step: Int, trace: TraceLog
  ) throws -> ShardFeeder {
    let compute = experiment.configuration.compute
    return try ShardFeeder(
      experiment, subjects: subjects, fold: fold, shards: shards, engine: engine,
      threads: compute.prefetch ?? RankCores.feedingThreads(computeThreads: compute.threads),
      step: step, trace: trace)
  }

  /// Goes on over other ranks, which have or take up the same state.
  ///
  /// Collective over `communicator`, between two steps.
  /// - Parameters:
  ///   - communicator: the ranks that share the fold from now on.
  ///   - route: how gradients travel between them; changes no bit.
  ///   - state: the contents of ``checkpoint()`` of this step, where residuals are to move along.
  /// - Throws: `MPIError`; ``CheckpointError``.
  func move(
    to communicator: any Communicator, route: ReductionRoute,
    state: @autoclosure () throws -> [UInt8]
  ) throws {
    let training = experiment.configuration.training
    self.communicator = communicator
    // Those who have come do not know of it: all agree anew at the next step.
    isStopAgreed = false
    reducer = try OrderedReducer(
      communicator: communicator, shardCount: training.shards,
      elementCount: parameters.table.elementCount, route: route, format: training.wire)
    if training.wire != .float32 {
      let checkpoint = try Checkpoint(reading: state(), name: "the state of fold \(fold)")
      try eachResidual(of: checkpoint) { reducer.setResidual($0, to: $1) }
    }
    feeder = try Self.feeder(
      experiment, subjects: subjects, fold: fold, shards: reducer.ownShards, engine: engine,
      step: progress.step, trace: communicator.recorder.trace)
  }

  /// What training occupies for one rank, in bytes.
  public var memory: MemoryEstimate { plan.memory }

  /// Multiply-adds of one shard's forward and backward pass.
  public let multiplyAdds: Int

  /// The learning rate of the next step.
  public var learningRate: Double {
    let length = experiment.configuration.training.stepsPerEpoch
    return stage.schedule.rate(
      base: stage.optimizer.learningRate, step: progress.step - progress.stageEpoch * length,
      totalSteps: stage.epochs * length, stepsPerEpoch: length, state: progress.schedule)
  }

  /// Takes one step and returns its loss, the mean over the shards.
  ///
  /// Collective.
  /// - Throws: `NonFiniteGradient` where the loss has no usable gradient, on every rank alike;
  ///   ``FeedingError`` where a subject could not be read, on the rank that needs it; `MPIError`
  ///   where a peer failed.
  @discardableResult
  public func step() throws -> Double {
    let training = experiment.configuration.training
    communicator.recorder.note(fold: fold, step: progress.step)
    let trace = communicator.recorder.trace
    let stepStart = trace.begin(.step)
    defer { trace.end(.step, since: stepStart) }
    losses.removeAll(keepingCapacity: true)
    for shard in reducer.ownShards {
      timings.wait += try trace.measure(.patches, number: shard) {
        try feeder.advance(step: progress.step, shard: shard)
      }
      timings.load += feeder.load
      timings.augment += feeder.augment
      timings.compute += try trace.measure(.compute, number: shard) {
        var passes = TracedPasses(trace, shard: shard)
        plan.write(feeder.images.span, to: NetworkGraphs.image)
        plan.write(feeder.labels.span, to: NetworkGraphs.labels)
        if experiment.network.readsPosition {
          plan.write(feeder.positions.span, to: NetworkGraphs.position)
        }
        // What is known of the last shard's gradients leaves while the rest is being computed.
        try plan.run(
          key: RunKey(seed: training.seed, coordinates: [fold, progress.step, shard])
        ) { gradients, known in
          passes.note(known)
          if !known.isEmpty { try reducer.add(shard: shard, elements: known, of: gradients) }
          try reducer.poll()
        }
        losses.append(Double(plan.scalar(NetworkGraphs.loss)))
        passes.end()
      }
    }
    var loss = 0.0
    timings.reduce += try trace.measure(.reduce) {
      let agreed = try communicator.orderedSum(
        ofShards: losses, shardCount: training.shards, flag: stop.isMade ? 1 : 0)
      loss = agreed.sum[0] / Double(training.shards)
      isStopAgreed = agreed.flags > 0
      try parameters.withGradients { try reducer.finish(into: &$0) }
    }
    timings.exchange = reducer.cost
    timings.update += try trace.measure(.update) { try update(shards: training.shards) }
    progress.step += 1
    progress.epochLoss += loss
    timings.steps += 1
    return loss
  }

  /// The parameters as they stand, apart from the ones under training.
  func copyOfValues() -> [Float] {
    parameters.withValues { values in
      var copy = [Float](repeating: 0, count: values.count)
      var target = copy.mutableSpan
      for index in values.indices { target[index] = values[index] }
      return copy
    }
  }

  /// Starts the timings anew.
  public func resetTimings() {
    timings = StepTimings()
    reducer.resetCost()
  }

  /// Turns the sum of the shards' gradients into their mean, clips it and takes the optimizer step.
  private func update(shards: Int) throws {
    let rate = learningRate
    let training = experiment.configuration.training
    // The optimizer counts the steps of its stage.
    let step = progress.step - progress.stageEpoch * training.stepsPerEpoch + 1
    let table = parameters.table
    let clipNorm = training.clipNorm
    try parameters.update { values, gradients in
      // A power of two: exact.
      let share = 1 / Float(shards)
      for index in gradients.indices { gradients[index] *= share }
      try Gradients.clip(&gradients, table: table, maximumNorm: clipNorm)
      stage.optimizer.step(
        values: &values, gradients: gradients.span, state: &state, table: table,
        learningRate: rate, step: step)
    }
  }
}
