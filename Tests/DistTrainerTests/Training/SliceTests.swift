import Compute
import CounterRandom
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

/// A network of two axes whose logit of class 1 is Σ (n + 1) x_n over its input channels n, and that
/// of class 0 is 0.
private struct ChannelNetwork: NetworkConfiguration {
  static let kind = "channels"
  var dimensions = 2
  /// Voxels that the output lacks on each side.
  var margin = 0

  var patchMultiple: [Int] { [1, 1] }

  func outputExtents(of patch: [Int]) throws -> [Int] { patch.map { $0 - 2 * margin } }

  /// One number a channel.
  struct Ramp: ParameterInitializer {
    var scale: Float
    var center: Int

    func fill(
      _ values: inout MutableSpan<Float>, shape: Shape, using stream: inout RandomStream
    ) {
      let taps = shape.extents.dropFirst(2).reduce(1, *)
      for index in values.indices {
        values[index] = index % taps == center ? scale * Float(index / taps + 1) : 0
      }
    }
  }

  func trace(_ image: Symbol, classes: Int, in g: inout GraphBuilder) throws -> [Symbol] {
    let size = 2 * margin + 1
    func layer(_ name: String, _ scale: Float) throws -> Symbol {
      let convolution = ConvolutionLayer(
        outputChannels: 1, kernel: [size, size], padding: .valid, hasBias: false,
        initializer: Ramp(scale: scale, center: size * size / 2))
      return try g.scope(name) { g in try convolution(image, in: &g) }
    }
    return [try g.concatenate([layer("zero", 0), layer("sum", 1)])]
  }
}

@Suite("Slices, slabs and borders", .serialized, .timeLimit(.minutes(2)))
struct SliceTests {
  private func image(_ shape: [Int], channels: Int = 1) -> Volume {
    let voxels = (0..<channels * shape.reduce(1, *)).map { Float(sin(Double($0) * 1.7)) }
    return Volume(voxels: voxels, channels: channels, geometry: Geometry(shape: shape))
  }

  private func experiment(
    _ network: any NetworkConfiguration, channels: Int = 1,
    _ change: (inout ExperimentConfiguration) -> Void
  ) throws -> Experiment {
    var configuration = SmallTraining.configuration()
    configuration.network = NetworkChoice(network)
    configuration.inference.weights = .uniform
    change(&configuration)
    return try Experiment(
      configuration, channels: channels, labels: Array(SmallTraining.labels.prefix(2)))
  }

  private func predict(_ experiment: Experiment, _ image: Volume) throws -> [Float] {
    let engine = try SmallTraining.engine()
    let graph = try NetworkGraphs.inference(
      experiment.network, input: experiment.networkInput(batch: 1), classes: 2)
    let parameters = engine.makeParameterStore(for: graph.parameters)
    parameters.update { values, _ in graph.parameters.initialize(&values, seed: 1) }
    return try SlidingWindow(experiment, engine: engine, parameters: parameters)
      .probabilities(of: image)
  }

  @Test(
    "a network of two axes sees its neighbors as channels, the end slices repeated",
    arguments: [0, 1, 2], [3, 5])
  func neighbors(axis: Int, slices: Int) throws {
    var patch = [4, 5, 6]
    patch[axis] = 1
    let experiment = try experiment(ChannelNetwork(), channels: 2) {
      $0.training.patch = patch
      $0.training.slices = slices
      $0.inference.overlap = 0.5
    }
    #expect(experiment.networkInput(batch: 1).channels == 2 * slices)
    let shape = [7, 9, 8]
    let image = image(shape, channels: 2)
    let found = try predict(experiment, image)
    let count = shape.reduce(1, *)
    for voxel in 0..<count {
      var place = image.geometry.index(of: voxel)
      let middle = place[axis]
      var sum = 0.0
      for channel in 0..<2 {
        for slice in 0..<slices {
          place[axis] = min(max(middle + slice - slices / 2, 0), shape[axis] - 1)
          let from = (place[0] * shape[1] + place[1]) * shape[2] + place[2]
          sum +=
            Double(channel * slices + slice + 1)
            * Double(image.voxels[channel * count + from])
        }
      }
      #expect(abs(Double(found[count + voxel]) - 1 / (1 + exp(-sum))) < 1e-5)
    }
  }

  @Test("training shows the same channels as prediction, and every slice as the middle one")
  func training() throws {
    let shape = [5, 6, 4]
    let count = shape.reduce(1, *)
    // Every voxel is its own number, and its class tells its slice.
    let volume = Volume(voxels: (0..<count).map(Float.init), geometry: Geometry(shape: shape))
    for axis in 0..<3 {
      let classes = (0..<count).map { UInt8(volume.geometry.index(of: $0)[axis] % 2) }
      let subject = try PreparedSubject(name: "a", image: volume, classes: classes)
      var patch = shape
      patch[axis] = 1
      let experiment = try experiment(ChannelNetwork()) {
        $0.training.patch = patch
        $0.training.slices = 3
        $0.training.foregroundFraction = 0
      }
      var source = try ShardSource(
        experiment, subjects: HeldSubjects(subjects: experiment.extended([subject])), fold: 0)
      var batch = source.makeBatch()
      let area = count / shape[axis]
      var seen: Set<Int> = []
      for step in 0..<40 {
        try source.fill(&batch, step: step, shard: 0)
        let first = (0..<3).map { slice in
          volume.geometry.index(of: Int(batch.images[slice * area]))[axis]
        }
        let middle = first[1]
        seen.insert(middle)
        #expect(first[0] == max(0, middle - 1) && first[2] == min(shape[axis] - 1, middle + 1))
        #expect(batch.labels.count == area)
        #expect(batch.labels.allSatisfy { Int($0) == middle % 2 })
      }
      #expect(seen.count == shape[axis])
    }
  }

  @Test("places beyond a border are NumPy's padding")
  func borders() {
    func places(_ border: VolumeBorder, _ extent: Int, _ margin: Int) -> [Int?] {
      (-margin..<extent + margin).map { border.source(of: $0, extent: extent) }
    }
    // np.pad(np.arange(4), 5, mode="reflect").tolist()
    #expect(places(.mirror, 4, 5) == [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2])
    // np.pad(np.arange(3), 2, mode="edge").tolist()
    #expect(places(.edge, 3, 2) == [0, 0, 0, 1, 2, 2, 2])
    #expect(places(.zeros, 2, 1) == [nil, 0, 1, nil])
    #expect(places(.mirror, 1, 2) == [0, 0, 0, 0, 0])
  }

  @Test("nine mirrored patches cover a slice of 512 exactly, as Deniz et al. 2018 tile it")
  func ninePatches() throws {
    for (output, overlap, starts) in [(324, 0.5, [0, 94, 188]), (420, 0.79, [0, 46, 92])] {
      let grid = TileGrid(volume: [1, 512, 512], tile: [1, output, output], overlap: overlap)
      #expect(grid.origins == starts.flatMap { h in starts.map { [0, h, $0] } })
      #expect(starts[2] + output == 512)
    }
  }

  @Test("an unpadded network sees the mirrored volume, in prediction and in training")
  func mirrored() throws {
    let experiment = try experiment(ChannelNetwork(margin: 2)) {
      $0.training.patch = [1, 9, 8]
      $0.training.border = .mirror
    }
    #expect(experiment.patch.outputExtents == [1, 5, 4] && experiment.patch.margins == [0, 2, 2])
    let shape = [2, 7, 6]
    let image = image(shape)
    let tiles = TileReader(experiment)
    var tile = tiles.makeTile()
    var scratch: [Float] = []
    tiles.read(image, at: [1, 2, 2], into: &tile, scratch: &scratch)
    for h in 0..<9 {
      for w in 0..<8 {
        let y = [0, 1, 2, 3, 4, 5, 6, 5, 4][h]
        let x = [0, 1, 2, 3, 4, 5, 4, 3][w]
        #expect(tile[h * 8 + w] == image.voxels[42 + y * 6 + x])
      }
    }
    // Training patches of an extended subject reach every voxel, and foreground stays inside.
    var classes = [UInt8](repeating: 0, count: 84)
    classes[0] = 1
    let subject = try PreparedSubject(name: "a", image: image, classes: classes)
    let extended = try experiment.extended([subject])[0]
    #expect(extended.shape == [2, 11, 10])
    #expect(extended.foreground.count(of: 1) == 1)
    // np.pad(x, ((0, 0), (2, 2), (2, 2)), mode="reflect")
    extended.withVoxels { voxels, labels in
      for index in voxels.indices {
        let place = [index / 110, index / 10 % 11, index % 10]
        let y = [2, 1, 0, 1, 2, 3, 4, 5, 6, 5, 4][place[1]]
        let x = [2, 1, 0, 1, 2, 3, 4, 5, 4, 3][place[2]]
        #expect(voxels[index] == image.voxels[place[0] * 42 + y * 6 + x])
        #expect(labels[index] == classes[place[0] * 42 + y * 6 + x])
      }
    }
    let inside = try self.experiment(ChannelNetwork(margin: 2)) { $0.training.patch = [1, 9, 8] }
    #expect(try inside.extended([subject])[0].shape == shape)
  }

  @Test("slabs lie side by side along one axis and overlap along the others")
  func slabs() throws {
    let grid = TileGrid(volume: [12, 9, 4], tile: [4, 6, 4], overlap: [0, 0.5, 0])
    #expect(Set(grid.origins.map { $0[0] }) == [0, 4, 8])
    #expect(Set(grid.origins.map { $0[1] }) == [0, 3])
    #expect(grid.origins.count == 6)
    let configuration = try ExperimentConfiguration.load(
      yaml: "schema: 1\ndata: {dataset: x}\ninference: {overlap: [0, 0.5, 0]}")
    #expect(configuration.inference.overlap.values == [0, 0.5, 0])
    #expect(try ExperimentConfiguration.load(yaml: configuration.resolvedYAML()) == configuration)
    let error = #expect(throws: ConfigurationError.self) {
      try ExperimentConfiguration.load(
        yaml: "schema: 1\ndata: {dataset: x}\ninference: {overlap: [0, 1]}")
    }
    #expect(error?.faults.map(\.path) == ["inference.overlap", "inference.overlap.1"])
  }

  @Test("slices are for networks of two axes")
  func threeAxes() {
    let error = #expect(throws: ConfigurationError.self) {
      try SmallTraining.experiment { $0.training.slices = 3 }
    }
    #expect(error?.faults.map(\.path) == ["training.slices"])
  }
}
