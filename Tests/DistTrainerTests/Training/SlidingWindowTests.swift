import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

/// A network without hidden layers: the logit of class 1 is the sum over a box of the image, that
/// of class 0 is 0.
private struct BoxNetwork: NetworkConfiguration {
  static let kind = "box"
  var dimensions = 3
  /// The extent of the box along each axis.
  var size = 1
  var padding = ConvolutionLayer.Padding.same

  var patchMultiple: [Int] { Array(repeating: 1, count: dimensions) }

  func outputExtents(of patch: [Int]) throws -> [Int] {
    padding == .same ? patch : patch.map { $0 - size + 1 }
  }

  func trace(_ image: Symbol, classes: Int, in g: inout GraphBuilder) throws -> [Symbol] {
    let kernel = Array(repeating: size, count: dimensions)
    func box(_ name: String, _ weight: Float) throws -> Symbol {
      let layer = ConvolutionLayer(
        outputChannels: 1, kernel: kernel, padding: padding, hasBias: false,
        initializer: ConstantInitializer(weight))
      return try g.scope(name) { g in try layer(image, in: &g) }
    }
    return [try g.concatenate([box("zero", 0), box("sum", 1)])]
  }
}

@Suite("The sliding window", .serialized, .timeLimit(.minutes(1)))
struct SlidingWindowTests {
  private func window(
    _ network: BoxNetwork, patch: [Int], overlap: Double, weights: TileWeights
  ) throws -> (window: SlidingWindow, experiment: Experiment) {
    var configuration = SmallTraining.configuration()
    configuration.network = NetworkChoice(network)
    configuration.training.patch = patch
    configuration.inference.overlap = TileOverlap(overlap)
    configuration.inference.weights = weights
    let experiment = try Experiment(
      configuration, channels: 1, labels: Array(SmallTraining.labels.prefix(2)))
    let engine = try SmallTraining.engine()
    let spatial = experiment.patch.networkExtents
    let graph = try NetworkGraphs.inference(
      network, input: Shape(batch: 1, channels: 1, spatial: spatial), classes: 2)
    let parameters = engine.makeParameterStore(for: graph.parameters)
    parameters.update { values, _ in graph.parameters.initialize(&values, seed: 1) }
    return (
      try SlidingWindow(experiment, engine: engine, parameters: parameters), experiment
    )
  }

  private func image(_ shape: [Int]) -> Volume {
    let count = shape.reduce(1, *)
    let voxels = (0..<count).map { Float(sin(Double($0) * 1.7)) }
    return Volume(voxels: voxels, geometry: Geometry(shape: shape))
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test(
    "a network that sees one voxel gives the same on any tiles",
    arguments: [[12, 9, 11], [5, 16, 3], [8, 8, 8]], [0, 0.5])
  func pointwise(shape: [Int], overlap: Double) throws {
    for weights in TileWeights.allCases {
      let (window, _) = try window(
        BoxNetwork(), patch: [8, 6, 4], overlap: overlap, weights: weights)
      let image = image(shape)
      let found = window.probabilities(of: image)
      #expect(found.count == 2 * image.voxels.count)
      for (voxel, value) in image.voxels.enumerated() {
        let expected = logistic(Double(value))
        #expect(abs(Double(found[image.voxels.count + voxel]) - expected) < 2e-6)
        #expect(abs(Double(found[voxel]) - (1 - expected)) < 2e-6)
      }
    }
  }

  @Test("a network of two axes goes through a volume slice by slice")
  func slices() throws {
    var network = BoxNetwork()
    network.dimensions = 2
    let (window, _) = try window(network, patch: [6, 1, 8], overlap: 0.5, weights: .gaussian)
    let image = image([7, 5, 10])
    let found = window.probabilities(of: image)
    for (voxel, value) in image.voxels.enumerated() {
      let difference = Double(found[image.voxels.count + voxel]) - logistic(Double(value))
      #expect(abs(difference) < 2e-6)
    }
  }

  /// The image's sum over the box about a voxel; zeros beyond `limits`.
  private func boxSum(_ image: Volume, at place: [Int], limits: [Range<Int>]) -> Double {
    let shape = image.geometry.shape
    var sum = 0.0
    for d in place[0] - 1...place[0] + 1 where limits[0].contains(d) {
      for h in place[1] - 1...place[1] + 1 where limits[1].contains(h) {
        for w in place[2] - 1...place[2] + 1 where limits[2].contains(w) {
          sum += Double(image.voxels[(d * shape[1] + h) * shape[2] + w])
        }
      }
    }
    return sum
  }

  @Test("an unpadded network sees the volume's surroundings, and its output meets without seams")
  func unpadded() throws {
    var network = BoxNetwork()
    network.size = 3
    network.padding = .valid
    let (window, experiment) = try window(
      network, patch: [6, 8, 7], overlap: 0.5, weights: .gaussian)
    #expect(experiment.patch.outputExtents == [4, 6, 5])
    #expect(experiment.patch.margins == [1, 1, 1])
    for shape in [[9, 7, 12], [3, 6, 4]] {
      let image = image(shape)
      let found = window.probabilities(of: image)
      for voxel in image.voxels.indices {
        let place = image.geometry.index(of: voxel)
        let expected = logistic(boxSum(image, at: place, limits: shape.map { 0..<$0 }))
        #expect(abs(Double(found[image.voxels.count + voxel]) - expected) < 5e-6)
      }
    }
  }

  @Test("what tiles see differently is averaged by their weights", arguments: TileWeights.allCases)
  func weightedMean(weights: TileWeights) throws {
    var network = BoxNetwork()
    network.size = 3
    let tile = [4, 5, 6]
    let (window, _) = try window(network, patch: tile, overlap: 0.5, weights: weights)
    let shape = [7, 5, 9]
    let image = image(shape)
    let found = window.probabilities(of: image)
    // A padded network takes what lies beyond its tile for zeros.
    let factors = TileGrid.weights(weights, tile: tile)
    var sums = [Double](repeating: 0, count: image.voxels.count)
    var totals = sums
    for origin in TileGrid(volume: shape, tile: tile, overlap: 0.5).origins {
      let limits = (0..<3).map { origin[$0]..<origin[$0] + tile[$0] }
      for voxel in image.voxels.indices {
        let place = image.geometry.index(of: voxel)
        guard (0..<3).allSatisfy({ limits[$0].contains(place[$0]) }) else { continue }
        let inside = (0..<3).map { place[$0] - origin[$0] }
        let factor = Double(factors[(inside[0] * tile[1] + inside[1]) * tile[2] + inside[2]])
        sums[voxel] += factor * logistic(boxSum(image, at: place, limits: limits))
        totals[voxel] += factor
      }
    }
    for voxel in image.voxels.indices {
      let expected = sums[voxel] / totals[voxel]
      #expect(abs(Double(found[image.voxels.count + voxel]) - expected) < 5e-6)
    }
  }
}
