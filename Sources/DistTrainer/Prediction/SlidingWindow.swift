public import Compute
internal import Nets
public import Volumes

/// Predicts whole volumes with a network that sees tiles.
///
/// Every voxel's probabilities are the weighted mean over the tiles that see it, added in the order
/// of the tiles: the same bits on any rank.
public final class SlidingWindow {
  private let plan: any Plan
  private let shape: PatchShape
  private let classes: Int
  private let reader: TileReader
  private let overlap: [Double]
  private let weights: [Float]
  private let readsPosition: Bool
  private let margins: (before: [Int], after: [Int])

  /// A predictor of `experiment`'s network that reads its weights from `parameters`.
  ///
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  public init(
    _ experiment: Experiment, engine: any Engine, parameters: any ParameterStore
  ) throws {
    shape = experiment.patch
    classes = experiment.classes
    reader = TileReader(experiment)
    overlap = experiment.inference.overlap.values
    readsPosition = experiment.network.readsPosition
    margins = experiment.borderMargins
    let graph = try NetworkGraphs.inference(
      experiment.network, input: experiment.networkInput(batch: 1), classes: classes,
      activation: experiment.loss.activation)
    plan = try engine.compile(
      graph, parameters: parameters, precision: experiment.precision(on: engine))
    weights = TileGrid.weights(experiment.inference.weights, tile: shape.outputExtents)
  }

  /// Class probabilities of a prepared image, `[classes, D, H, W]`.
  public func probabilities(of image: Volume) -> [Float] { probabilities(of: image) {} }

  /// Class probabilities of a prepared image, `[classes, D, H, W]`, which may end early.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - betweenTiles: called before each tile; what it throws ends the prediction.
  /// - Returns: the probabilities.
  /// - Throws: what `betweenTiles` throws.
  public func probabilities<Failure: Error>(
    of image: Volume, betweenTiles: () throws(Failure) -> Void
  ) throws(Failure) -> [Float] {
    let extents = image.geometry.shape
    let voxels = image.geometry.count
    var sums = [Float](repeating: 0, count: classes * voxels)
    var total = [Float](repeating: 0, count: voxels)
    var tile = reader.makeTile()
    var scratch: [Float] = []
    var output = [Float](repeating: 0, count: classes * shape.outputCount)
    let grid = TileGrid(volume: extents, tile: shape.outputExtents, overlap: overlap)
    for origin in grid.origins {
      try betweenTiles()
      reader.read(image, at: origin, into: &tile, scratch: &scratch)
      plan.write(tile.span, to: NetworkGraphs.image)
      if readsPosition {
        let position = shape.position(at: origin, in: extents, margins: margins)
        plan.write(position.span, to: NetworkGraphs.position)
      }
      plan.run(key: RunKey())
      var span = output.mutableSpan
      plan.read(NetworkGraphs.probabilities, into: &span)
      accumulate(output, into: &sums, &total, at: origin, extents: extents)
    }
    var result = sums.mutableSpan
    let weight = total.span
    for index in 0..<classes {
      for voxel in 0..<voxels { result[index * voxels + voxel] /= weight[voxel] }
    }
    return sums
  }

  /// Adds the output of the tile at `origin`, weighted, to the sums.
  private func accumulate(
    _ output: [Float], into sums: inout [Float], _ total: inout [Float], at origin: [Int],
    extents: [Int]
  ) {
    let size = shape.outputExtents
    let voxels = total.count
    var sum = sums.mutableSpan
    var weightSum = total.mutableSpan
    let values = output.span
    let weights = weights
    let factors = weights.span
    let columns = max(0, -origin[2])..<max(max(0, -origin[2]), min(size[2], extents[2] - origin[2]))
    for d in max(0, -origin[0])..<min(size[0], extents[0] - origin[0]) {
      for h in max(0, -origin[1])..<min(size[1], extents[1] - origin[1]) {
        let from = (d * size[1] + h) * size[2]
        let to = ((origin[0] + d) * extents[1] + origin[1] + h) * extents[2] + origin[2]
        for w in columns { weightSum[to + w] += factors[from + w] }
        for index in 0..<classes {
          let source = index * shape.outputCount + from
          let target = index * voxels + to
          for w in columns { sum[target + w] += factors[from + w] * values[source + w] }
        }
      }
    }
  }
}
