import Collective
import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

/// A network without learning: the logit of class 1 is p₀ + p₁ / 2 + p₂ / 4, that of class 0 is 0.
private struct PositionNetwork: NetworkConfiguration {
  static let kind = "position"
  var dimensions: Int { 3 }
  var patchMultiple: [Int] { [1, 1, 1] }
  var readsPosition: Bool { true }

  func outputExtents(of patch: [Int]) throws -> [Int] { patch }

  func trace(_ image: Symbol, classes: Int, in g: inout GraphBuilder) throws -> [Symbol] {
    let zeros = ConvolutionLayer(
      outputChannels: 2, kernel: [1, 1, 1], initializer: ConstantInitializer(0))
    let position = g.input(NetworkGraphs.position, [image.shape.batch, 3], .dense)
    let weight = try g.constant([0, 0, 0, 1, 0.5, 0.25], shape: [2, 3])
    let logits = try g.reshape(
      g.linear(position, weight: weight), [image.shape.batch, 2, 1, 1, 1])
    return [try g.add(zeros(image, "zeros", in: &g), logits)]
  }
}

@Suite("Where patches lie", .serialized, .timeLimit(.minutes(2)))
struct PatchPositionTests {
  /// p = 2 (o / (V - S) - 1/2); 384 and 160 voxels make the project's crops.
  @Test(
    "the position is -1 at the start, 0 at the center, 1 at the end",
    arguments: [
      (0, 160, 384, -1), (112, 160, 384, 0), (224, 160, 384, 1), (56, 160, 384, -0.5),
      (0, 160, 160, 0), (-4, 168, 160, 0), (-2, 5, 12, -1), (9, 5, 12, 1),
    ] as [(Int, Int, Int, Float)])
  func formula(origin: Int, patch: Int, volume: Int, position: Float) {
    #expect(
      PatchPosition.values(
        origin: [origin, 0, 0], patch: [patch, 1, 1], volume: [volume, 1, 2])
        == [position, 0, -1])
  }

  @Test("a shard's positions are those where its patches were cut")
  func shards() throws {
    let experiment = try SmallTraining.experiment { $0.training.shardSize = 3 }
    let subject = try SmallTraining.subjects(1)[0]
    var source = try ShardSource(experiment, subjects: HeldSubjects(subjects: [subject]), fold: 0)
    var batch = source.makeBatch()
    var seen: Set<[Float]> = []
    for step in 0..<4 {
      try source.fill(&batch, step: step, shard: 1)
      for sample in 0..<3 {
        let position = Array(batch.positions[(3 * sample)..<(3 * sample + 3)])
        seen.insert(position)
        // 12 voxels hold a patch of 8 at 0 … 4.
        let origin = position.map { Int((($0 / 2 + 0.5) * 4).rounded()) }
        let cut = subject.withVoxels { image, _ in
          (0..<512).map { voxel in
            let place = [voxel / 64, voxel / 8 % 8, voxel % 8]
            return image[
              ((origin[0] + place[0]) * 12 + origin[1] + place[1]) * 12 + origin[2] + place[2]]
          }
        }
        #expect(Array(batch.images[(512 * sample)..<(512 * sample + 512)]) == cut)
      }
    }
    #expect(seen.count > 4)
  }

  @Test("a volume is predicted with the position of each tile")
  func tiles() throws {
    var configuration = SmallTraining.configuration()
    configuration.network = NetworkChoice(PositionNetwork())
    configuration.inference.overlap = 0
    configuration.inference.weights = .uniform
    let experiment = try Experiment(
      configuration, channels: 1, labels: Array(SmallTraining.labels.prefix(2)))
    let engine = try SmallTraining.engine()
    let graph = try NetworkGraphs.inference(
      PositionNetwork(), input: [1, 1, 8, 8, 8], classes: 2)
    let parameters = engine.makeParameterStore(for: graph.parameters)
    let window = try SlidingWindow(experiment, engine: engine, parameters: parameters)
    let probabilities = window.probabilities(of: volume([16, 16, 8]))
    for voxel in 0..<(16 * 16 * 8) {
      let (d, h) = (voxel / 128, voxel / 8 % 16)
      let logit = (d < 8 ? -1 : 1) + (h < 8 ? -0.5 : 0.5)
      let expected = Float(1 / (1 + exp(-logit)))
      #expect(abs(probabilities[16 * 16 * 8 + voxel] - expected) < 1e-5)
    }
  }

  private func volume(_ shape: [Int]) -> Volume {
    Volume(
      voxels: Array(repeating: 1, count: shape.reduce(1, *)), geometry: Geometry(shape: shape))
  }

  @Test("a relative network trains, and learns what to make of the position")
  func training() throws {
    var network = ImperialUNet3D()
    (network.size, network.features, network.relative) = (.large, 2, .add)
    network.dropout = 0
    let experiment = try SmallTraining.experiment {
      $0.network = NetworkChoice(network)
      $0.training.patch = [16, 16, 32]
      $0.training.shards = 2
    }
    let trainer = try FoldTrainer(
      experiment, fold: 0, subjects: SmallTraining.subjects(2), engine: SmallTraining.engine(),
      communicator: SerialCommunicator())
    #expect(try trainer.step().isFinite)
    let table = trainer.parameters.table
    let bias = try #require(table.index(of: "position.dense3.bias"))
    // Biases start at 0.
    #expect(trainer.values[table[bias].range.lowerBound] != 0)
    #expect(try trainer.step().isFinite)
  }
}
