public import Compute
internal import Nets
public import Volumes

/// Predicts whole volumes with the mean of several networks' probabilities.
///
/// One plan serves all networks, whose weights are exchanged: memory does not grow with their
/// number.
public final class EnsemblePredictor {
  private let experiment: Experiment
  private let checkpoints: [Checkpoint]
  private let parameters: any ParameterStore
  private let window: SlidingWindow
  private var loaded: Int?

  /// A predictor of `models`.
  ///
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled, and
  ///   `SafetensorsError` where a checkpoint does not hold its weights.
  public init(_ models: TrainedModels, engine: any Engine) throws {
    experiment = models.experiment
    checkpoints = models.checkpoints
    let graph = try NetworkGraphs.inference(
      experiment.network,
      input: Shape(
        batch: 1, channels: experiment.channels, spatial: experiment.patch.networkExtents),
      classes: experiment.classes)
    parameters = engine.makeParameterStore(for: graph.parameters)
    // Every file is tried here, before hours of work with the first.
    for index in checkpoints.indices.reversed() { try checkpoints[index].load(into: parameters) }
    loaded = checkpoints.startIndex
    window = try SlidingWindow(experiment, engine: engine, parameters: parameters)
  }

  /// Class probabilities of a prepared image, `[classes, D, H, W]`: the mean over the networks,
  /// added in their order.
  ///
  /// - Throws: `SafetensorsError` where a checkpoint does not hold its weights.
  public func probabilities(of image: Volume) throws -> [Float] {
    var sum: [Float] = []
    for index in checkpoints.indices {
      if loaded != index {
        try checkpoints[index].load(into: parameters)
        loaded = index
      }
      let one = window.probabilities(of: image)
      guard index > 0 else {
        sum = one
        continue
      }
      var total = sum.mutableSpan
      let values = one.span
      for voxel in values.indices { total[voxel] += values[voxel] }
    }
    guard checkpoints.count > 1 else { return sum }
    let count = Float(checkpoints.count)
    var total = sum.mutableSpan
    for voxel in total.indices { total[voxel] /= count }
    return sum
  }
}
