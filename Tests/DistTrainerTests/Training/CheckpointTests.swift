import Collective
import Compute
import CounterRandom
import Nets
import Testing

@testable import DistTrainer

@Suite("Checkpoints", .serialized, .timeLimit(.minutes(2)))
struct CheckpointTests {
  private func trainer(
    fold: Int = 2, _ change: (inout ExperimentConfiguration) -> Void = { _ in }
  ) throws -> FoldTrainer {
    try FoldTrainer(
      SmallTraining.experiment(change), fold: fold, subjects: SmallTraining.subjects(3),
      engine: SmallTraining.engine(), communicator: SerialCommunicator())
  }

  private static let optimizers: [OptimizerChoice] = {
    var sgd = SGDOptimizer()
    sgd.momentum = 0.99
    sgd.nesterov = true
    return [
      OptimizerChoice(AdamOptimizer()), OptimizerChoice(AdamWOptimizer()), OptimizerChoice(sgd),
    ]
  }()

  @Test("training goes on from a checkpoint's bytes as if nothing had happened", arguments: 0..<3)
  func roundTrip(optimizer: Int) throws {
    let choose = { (configuration: inout ExperimentConfiguration) in
      configuration.optimizer = Self.optimizers[optimizer]
    }
    let first = try trainer(choose)
    // Into the middle of the second epoch.
    for _ in 0..<4 { try first.step() }
    let bytes = try first.checkpoint().bytes
    let second = try trainer(choose)
    try second.restore(Checkpoint(reading: bytes, name: "a.safetensors"))
    #expect(second.progress == first.progress)
    #expect(try second.checkpoint().bytes == bytes)
    for _ in 0..<2 {
      #expect(try first.step() == second.step())
    }
    #expect(try first.checkpoint().bytes == second.checkpoint().bytes)
    #expect(try first.checkpoint().bytes != bytes)
  }

  @Test("whatever byte of a checkpoint is changed, it is found")
  func damage() throws {
    let trainer = try trainer()
    try trainer.step()
    let bytes = try trainer.checkpoint().bytes
    var stream = RandomStream(seed: 1, "damage")
    // The header's length, parts of the header and of the rest; changes of one bit and of several.
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    let places =
      Array(0..<8) + (0..<80).map { _ in stream.integer(below: header) }
      + (0..<40).map { _ in stream.integer(below: bytes.count) }
    for (index, place) in places.enumerated() {
      var damaged = bytes
      damaged[place] ^= [1, 0x80, 0x29][index % 3]
      #expect(Checkpoint.damage(of: damaged, name: "a") != nil, "byte \(place)")
    }
    #expect(Checkpoint.damage(of: bytes, name: "a") == nil)
    for length in [0, 7, header, bytes.count - 1] {
      #expect(Checkpoint.damage(of: Array(bytes.prefix(length)), name: "a") != nil)
    }
  }

  @Test("a checkpoint knows its experiment and how far it has come")
  func contents() throws {
    let trainer = try trainer { $0.training.seed = 9 }
    try trainer.step()
    trainer.progress.bestValue = 0.1 + 0.2
    trainer.progress.bestEpoch = 1
    let read = try Checkpoint(reading: trainer.checkpoint().bytes, name: "a")
    #expect(try read.progress() == trainer.progress)
    let experiment = try read.experiment()
    #expect(experiment.configuration.training.seed == 9)
    #expect(experiment.labels == SmallTraining.labels)
    #expect(experiment.channels == 1)
    let other = try self.trainer()
    #expect(other.values != trainer.values)
    try read.load(into: other.parameters)
    #expect(other.values == trainer.values)
  }

  @Test("what belongs elsewhere is refused by name and reason, and nothing is changed")
  func refusals() throws {
    let source = try trainer()
    try source.step()
    let checkpoint = try Checkpoint(reading: source.checkpoint().bytes, name: "x/a.safetensors")
    func refusal(of target: FoldTrainer) -> String? {
      let before = target.values
      let error = #expect(throws: CheckpointError.self) { try target.restore(checkpoint) }
      #expect(target.values == before)
      #expect(target.progress == TrainingProgress())
      return error?.description
    }
    #expect(
      try refusal(of: trainer(fold: 1))
        == "x/a.safetensors belongs to fold 2, not 1; put each fold's files back into its own folder"
    )
    var wider = UNet()
    wider.features = 8
    wider.levels = 2
    let network = try refusal(of: trainer { $0.network = NetworkChoice(wider) })
    #expect(network?.hasPrefix("x/a.safetensors belongs to another configuration") == true)
    #expect(network?.contains("network.features is 4 there and 8 here") == true)
    let optimizer = try refusal(of: trainer { $0.optimizer = Self.optimizers[2] })
    #expect(optimizer?.contains("optimizer.kind is adam there and sgd here") == true)
  }

  @Test("weights for another network are refused with every name that does not fit")
  func otherWeights() throws {
    let checkpoint = try trainer().checkpoint()
    var wider = UNet()
    wider.features = 8
    wider.levels = 2
    let target = try trainer { $0.network = NetworkChoice(wider) }
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.load(into: target.parameters)
    }
    #expect(error?.description.contains("encoder.0.conv1.weight must be F32") == true)
  }

  @Test("bytes that are no checkpoint are refused by the file's name")
  func damaged() throws {
    let bytes = try trainer().checkpoint().bytes
    for damaged in [[], Array(bytes.dropLast()), Array(bytes.prefix(100)), Array("hello".utf8)] {
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(reading: damaged, name: "b.safetensors")
      }
      #expect(error?.description.hasPrefix("b.safetensors is damaged") == true)
    }
    let foreign = Safetensors(tensors: [:], metadata: ["format": "pt"]).fileContents()
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(reading: foreign, name: "c.safetensors")
    }
    #expect(error?.description.hasPrefix("c.safetensors is not a checkpoint") == true)
  }
}
