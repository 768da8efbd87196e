internal import Compute
internal import Nets
internal import Volumes

/// Measures the loss of whole prepared volumes with the network as it predicts: the mean over tiles
/// that cover the volume and overlap no more than they must.
///
/// The loss is that of the output at full resolution. One plan of its own: as much memory as
/// prediction takes.
final class ValidationLoss {
  private let plan: any Plan
  private let reader: TileReader
  private let readsPosition: Bool
  private let margins: (before: [Int], after: [Int])
  private var tile: [Float]
  private var labels: [UInt8]
  private var scratch: [Float] = []

  /// A measurement with the weights in `parameters`.
  ///
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  init(_ experiment: Experiment, engine: any Engine, parameters: any ParameterStore) throws {
    let graph = try NetworkGraphs.evaluation(
      experiment.network, loss: experiment.loss, input: experiment.networkInput(batch: 1),
      classes: experiment.classes)
    plan = try engine.compile(
      graph, parameters: parameters, precision: experiment.precision(on: engine))
    reader = TileReader(experiment)
    readsPosition = experiment.network.readsPosition
    margins = experiment.borderMargins
    tile = reader.makeTile()
    labels = Array(repeating: 0, count: experiment.patch.outputCount)
  }

  /// The mean loss over the tiles of a subject.
  ///
  /// - Parameters:
  ///   - subject: a subject with its classes on the prepared grid.
  ///   - betweenTiles: called before each tile; what it throws ends the measurement.
  /// - Returns: the loss.
  /// - Throws: what `betweenTiles` throws.
  func callAsFunction(
    of subject: PreparedSubject, betweenTiles: () throws -> Void
  ) throws -> Double {
    let image = subject.image
    let classes = subject.classes
    let grid = TileGrid(
      volume: subject.shape, tile: reader.shape.outputExtents, overlap: 0)
    var sum = 0.0
    for origin in grid.origins {
      try betweenTiles()
      reader.read(image, at: origin, into: &tile, scratch: &scratch)
      reader.read(classes: classes.span, shape: subject.shape, at: origin, into: &labels)
      plan.write(tile.span, to: NetworkGraphs.image)
      plan.write(labels.span, to: NetworkGraphs.labels)
      if readsPosition {
        let position = reader.shape.position(at: origin, in: subject.shape, margins: margins)
        plan.write(position.span, to: NetworkGraphs.position)
      }
      plan.run(key: RunKey())
      sum += Double(plan.scalar(NetworkGraphs.loss))
    }
    return sum / Double(grid.origins.count)
  }
}
