internal import Compute
internal import Nets
internal import Volumes

/// Networks of one kind and their weights: one plan serves all of them, so that memory does not grow
/// with their number.
final class NetworkGroup {
  let experiment: Experiment
  private let checkpoints: [Checkpoint]
  private let parameters: any ParameterStore
  private let window: SlidingWindow
  private var loaded: Int

  /// A group of networks of `experiment`.
  ///
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled, and
  ///   ``CheckpointError`` where a checkpoint does not hold its weights.
  init(_ experiment: Experiment, checkpoints: [Checkpoint], engine: any Engine) throws {
    self.experiment = experiment
    self.checkpoints = checkpoints
    let graph = try NetworkGraphs.inference(
      experiment.network, input: experiment.networkInput(batch: 1), classes: experiment.classes,
      activation: experiment.loss.activation)
    parameters = engine.makeParameterStore(for: graph.parameters)
    // Every file is tried here, before hours of work with the first.
    for index in checkpoints.indices.reversed() { try checkpoints[index].load(into: parameters) }
    loaded = checkpoints.startIndex
    window = try SlidingWindow(experiment, engine: engine, parameters: parameters)
  }

  /// How many networks there are.
  var count: Int { checkpoints.count }

  /// Adds each network's class probabilities of a prepared image, `[classes, D, H, W]`, to `mean`, in
  /// their order.
  ///
  /// - Throws: ``CheckpointError`` where a checkpoint does not hold its weights.
  func addProbabilities(of image: Volume, to mean: inout ProbabilityMean) throws {
    for index in checkpoints.indices {
      if loaded != index {
        try checkpoints[index].load(into: parameters)
        loaded = index
      }
      mean.add(window.probabilities(of: image))
    }
  }
}
