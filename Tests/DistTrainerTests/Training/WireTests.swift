import Collective
import Compute
import Testing

@testable import DistTrainer

@Suite("Gradients in bfloat16 on the wire", .serialized, .timeLimit(.minutes(3)))
struct WireTests {
  private static func experiment(_ wire: WireFormat) throws -> Experiment {
    try SmallTraining.experiment { $0.training.wire = wire }
  }

  /// Takes steps up to `last` on some ranks, from a checkpoint where there is one; gives the bytes of
  /// the checkpoint that the first rank writes then.
  private static func train(
    _ experiment: Experiment, ranks: Int, upTo last: Int, from start: [UInt8]? = nil
  ) throws -> [UInt8] {
    try InProcessCommunicator.run(ranks: ranks) { communicator in
      let trainer = try FoldTrainer(
        experiment, fold: 0, subjects: SmallTraining.subjects(3), engine: SmallTraining.engine(),
        communicator: communicator, route: .messages(bucketLength: 500))
      if let start { try trainer.restore(Checkpoint(reading: start, name: "start")) }
      while trainer.progress.step < last { try trainer.step() }
      return try trainer.checkpoint().bytes
    }[0]
  }

  @Test("any number of ranks writes the same checkpoint, residuals among it", arguments: [2, 3, 5])
  func anyNumberOfRanks(ranks: Int) throws {
    let experiment = try Self.experiment(.bfloat16)
    let alone = try Self.train(experiment, ranks: 1, upTo: 4)
    #expect(try Self.train(experiment, ranks: ranks, upTo: 4) == alone)
    let file = try Checkpoint(reading: alone, name: "alone").file
    let nodes = Set(
      file.tensors.keys.filter { $0.hasPrefix("wire.residual.") }.map {
        $0.split(separator: "/")[0]
      })
    // Four shards, two sums, one root.
    #expect(
      nodes.sorted() == [
        "wire.residual.0.0", "wire.residual.0.1", "wire.residual.0.2", "wire.residual.0.3",
        "wire.residual.1.0", "wire.residual.1.1", "wire.residual.2.0",
      ])
    // It is another arithmetic than float32's, which leaves no residuals.
    let exact = try Self.train(Self.experiment(.float32), ranks: 1, upTo: 4)
    #expect(exact.count < alone.count)
  }

  @Test("a checkpoint goes on over other ranks", arguments: [(1, 4), (3, 2), (5, 1)])
  func changeOfRanks(before: Int, after: Int) throws {
    let experiment = try Self.experiment(.bfloat16)
    let whole = try Self.train(experiment, ranks: 2, upTo: 5)
    let half = try Self.train(experiment, ranks: before, upTo: 2)
    #expect(try Self.train(experiment, ranks: after, upTo: 5, from: half) == whole)
  }

  @Test("ranks that join a fold in the middle take the residuals over")
  func joining() throws {
    let experiment = try Self.experiment(.bfloat16)
    let whole = try Self.train(experiment, ranks: 1, upTo: 5)
    let moved = try InProcessCommunicator.run(ranks: 4) { world -> [UInt8] in
      func trainer(on communicator: any Communicator) throws -> FoldTrainer {
        try FoldTrainer(
          experiment, fold: 0, subjects: SmallTraining.subjects(3),
          engine: SmallTraining.engine(), communicator: communicator)
      }
      let few = [1, 2]
      var own: FoldTrainer?
      var bytes: [UInt8] = []
      if few.contains(world.rank) {
        let made = try trainer(on: world.group(of: few, name: "few"))
        for _ in 0..<3 { try made.step() }
        bytes = try made.checkpoint().bytes
        own = made
      }
      let state = try world.broadcast(bytes, root: few[0])
      let all = try world.group(of: [1, 2, 3, 0], name: "all")
      if let own {
        try own.move(to: all, route: .standard, state: state)
      } else {
        own = try trainer(on: all)
        try own?.restore(Checkpoint(reading: state, name: "state"))
      }
      for _ in 0..<2 { try own?.step() }
      return try own?.checkpoint().bytes ?? []
    }
    #expect(moved[1] == whole)
  }

  @Test("a checkpoint without residuals is refused by name")
  func missing() throws {
    let experiment = try Self.experiment(.bfloat16)
    let bytes = try Self.train(experiment, ranks: 1, upTo: 1)
    let trainer = try FoldTrainer(
      experiment, fold: 0, subjects: SmallTraining.subjects(3), engine: SmallTraining.engine(),
      communicator: SerialCommunicator())
    // What a rank other than the first writes holds none.
    let bare = try Checkpoint(trainer.snapshot([]))
    #expect(throws: CheckpointError.self) { try trainer.restore(bare) }
    try trainer.restore(Checkpoint(reading: bytes, name: "whole"))
  }
}
