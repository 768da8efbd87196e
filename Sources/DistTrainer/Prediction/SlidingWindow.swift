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
  private let channels: Int
  private let overlap: Double
  private let weights: [Float]
  private let normalization: PatchNormalization?
  private let readsPosition: Bool

  /// A predictor of `experiment`'s network that reads its weights from `parameters`.
  ///
  /// - Throws: `GraphError` or `EngineError` where the network cannot be compiled.
  public init(
    _ experiment: Experiment, engine: any Engine, parameters: any ParameterStore
  ) throws {
    shape = experiment.patch
    classes = experiment.classes
    channels = experiment.channels
    overlap = experiment.inference.overlap
    normalization = experiment.patchNormalization
    readsPosition = experiment.network.readsPosition
    let input = Shape(batch: 1, channels: channels, spatial: shape.networkExtents)
    let graph = try NetworkGraphs.inference(
      experiment.network, input: input, classes: classes)
    plan = try engine.compile(
      graph, parameters: parameters, precision: experiment.precision(on: engine))
    weights = TileGrid.weights(experiment.inference.weights, tile: shape.outputExtents)
  }

  /// Class probabilities of a prepared image, `[classes, D, H, W]`.
  public func probabilities(of image: Volume) -> [Float] {
    let extents = image.geometry.shape
    let voxels = image.geometry.count
    var sums = [Float](repeating: 0, count: classes * voxels)
    var total = [Float](repeating: 0, count: voxels)
    var tile = [Float](repeating: 0, count: channels * shape.count)
    var output = [Float](repeating: 0, count: classes * shape.outputCount)
    let grid = TileGrid(volume: extents, tile: shape.outputExtents, overlap: overlap)
    for origin in grid.origins {
      let start = zip(origin, shape.margins).map { $0 - $1 }
      load(image, at: start, into: &tile)
      if let normalization {
        var patch = tile.mutableSpan
        normalization.apply(to: &patch, channels: channels)
      }
      plan.write(tile.span, to: NetworkGraphs.image)
      if readsPosition {
        let position = PatchPosition.values(
          origin: start, patch: shape.extents, volume: extents)
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

  /// Copies the part of `image` that starts at `origin` into the tile; zeros beyond the volume.
  private func load(_ image: Volume, at origin: [Int], into tile: inout [Float]) {
    let extents = image.geometry.shape
    let (depth, height, width) = (shape.extents[0], shape.extents[1], shape.extents[2])
    let source = image.voxels.span
    var target = tile.mutableSpan
    let columns = max(0, -origin[2])..<max(max(0, -origin[2]), min(width, extents[2] - origin[2]))
    var row = 0
    for channel in 0..<channels {
      for d in 0..<depth {
        for h in 0..<height {
          for w in 0..<width { target[row + w] = 0 }
          let (z, y) = (origin[0] + d, origin[1] + h)
          if z >= 0, z < extents[0], y >= 0, y < extents[1] {
            let start = ((channel * extents[0] + z) * extents[1] + y) * extents[2] + origin[2]
            for w in columns { target[row + w] = source[start + w] }
          }
          row += width
        }
      }
    }
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
