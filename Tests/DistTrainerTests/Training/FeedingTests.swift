import Collective
import Compute
import Foundation
import Synchronization
import Testing
import Volumes

@testable import DistTrainer

@Suite("Feeding", .timeLimit(.minutes(2)))
struct FeedingTests {
  static func experiment(
    _ change: (inout ExperimentConfiguration) -> Void = { _ in }
  ) throws -> Experiment {
    try SmallTraining.experiment {
      $0.augmentation = [AnyAugmentation(Flip()), AnyAugmentation(GaussianNoise(probability: 1))]
      change(&$0)
    }
  }

  static func held() throws -> HeldSubjects {
    HeldSubjects(subjects: try SmallTraining.subjects(3))
  }

  struct Content: Equatable {
    var images: [Float]
    var labels: [UInt8]
  }

  static func content(of feeder: ShardFeeder, step: Int, shard: Int) throws -> Content {
    try feeder.advance(step: step, shard: shard)
    return Content(images: feeder.images, labels: feeder.labels)
  }

  @Test("threads of their own make the shards that the training thread makes", arguments: 1...3)
  func equality(threads: Int) throws {
    let experiment = try Self.experiment { $0.training.shardSize = 2 }
    let subjects = try Self.held()
    let plain = try ShardFeeder(
      experiment, subjects: subjects, fold: 0, shards: 1..<3, engine: SmallTraining.engine(),
      threads: 0)
    let ahead = try ShardFeeder(
      experiment, subjects: subjects, fold: 0, shards: 1..<3, engine: SmallTraining.engine(),
      threads: threads)
    for step in 0..<10 {
      for shard in 1..<3 {
        #expect(
          try Self.content(of: ahead, step: step, shard: shard)
            == Self.content(of: plain, step: step, shard: shard))
      }
    }
    // A jump, as after restoring a checkpoint, ahead and back.
    for step in [70, 71, 4, 5] {
      #expect(
        try Self.content(of: ahead, step: step, shard: 1)
          == Self.content(of: plain, step: step, shard: 1))
    }
    #expect(ahead.augment > .zero)
  }

  @Test("the threads that compute make the shards that one thread makes", arguments: 2...5)
  func group(threads: Int) throws {
    let subjects = try Self.held()
    func feeder(_ threads: Int) throws -> ShardFeeder {
      let experiment = try Self.experiment {
        $0.training.shards = 8
        $0.compute.threads = threads
      }
      return try ShardFeeder(
        experiment, subjects: subjects, fold: 0, shards: 1..<5,
        engine: CPUEngine(threads: threads), threads: 0)
    }
    let (one, several) = (try feeder(1), try feeder(threads))
    func check(_ step: Int, _ shard: Int) throws {
      #expect(
        try Self.content(of: several, step: step, shard: shard)
          == Self.content(of: one, step: step, shard: shard))
    }
    for step in 0..<4 {
      for shard in 1..<5 { try check(step, shard) }
    }
    // Jumps, into the middle of a step and back, and a shard asked for twice.
    for (step, shard) in [(9, 2), (9, 3), (8, 1), (8, 4), (8, 4), (9, 1)] { try check(step, shard) }
    #expect(several.augment > .zero)
  }

  @Test("training takes the same steps with and without threads for patches")
  func training() throws {
    func values(_ prefetch: Int) throws -> [UInt32] {
      let trainer = try FoldTrainer(
        Self.experiment { $0.compute.prefetch = prefetch }, fold: 0,
        subjects: SmallTraining.subjects(3), engine: SmallTraining.engine(),
        communicator: SerialCommunicator())
      for _ in 0..<3 { try trainer.step() }
      #expect(trainer.timings.augment > .zero && trainer.timings.wait > .zero)
      #expect((0...1).contains(trainer.timings.waitFraction))
      return trainer.values.map(\.bitPattern)
    }
    #expect(try values(0) == values(2))
  }

  /// Subjects one of which may be unreadable; counts what was asked for.
  final class Failing: SubjectStore {
    struct Cause: Error, CustomStringConvertible {
      let description = "scans/b.nii.gz: is a truncated gzip file; copy it again"
    }

    let held: HeldSubjects
    let broken: Int?
    let asked = Mutex(0)

    init(_ held: HeldSubjects, broken: Int?) {
      self.held = held
      self.broken = broken
    }

    var count: Int { held.count }
    func name(_ index: Int) -> String { held.name(index) }

    func subject(_ index: Int) throws -> PreparedSubject {
      asked.withLock { $0 += 1 }
      if index == broken { throw Cause() }
      return held.subject(index)
    }
  }

  @Test(
    "a subject that cannot be read ends it with subject, file and cause", arguments: 0...2, 1...2)
  func failure(threads: Int, computing: Int) throws {
    let subjects = Failing(try Self.held(), broken: 1)
    let feeder = try ShardFeeder(
      Self.experiment { $0.compute.threads = computing }, subjects: subjects, fold: 0,
      shards: 0..<4, engine: CPUEngine(threads: computing), threads: threads)
    var order = SubjectOrder(count: 3, seed: 1, fold: 0)
    for draw in 0..<4 {
      if order.subject(ofDraw: draw) == 1 {
        let error = #expect(throws: FeedingError.self) {
          try feeder.advance(step: 0, shard: draw)
        }
        #expect(
          error?.description
            == "training cannot go on without the subject \(subjects.name(1)): "
            + "scans/b.nii.gz: is a truncated gzip file; copy it again")
        return
      }
      try feeder.advance(step: 0, shard: draw)
    }
    Issue.record("the subject was never drawn")
  }

  @Test("threads run ahead by a bounded number of shards, and end with their feeder")
  func bounds() throws {
    let subjects = Failing(try Self.held(), broken: nil)
    var feeder: ShardFeeder? = try ShardFeeder(
      Self.experiment(), subjects: subjects, fold: 0, shards: 0..<4,
      engine: SmallTraining.engine(), threads: 2)
    try feeder?.advance(step: 0, shard: 0)
    var last = -1
    // Until nothing more is asked for.
    while subjects.asked.withLock({ $0 }) != last {
      last = subjects.asked.withLock { $0 }
      Thread.sleep(forTimeInterval: 0.2)
    }
    // One fetched, three ahead.
    #expect(last == 4)
    weak let watched = feeder
    feeder = nil
    #expect(watched == nil)
  }

  @Test("several draws in a row come from one volume")
  func drawsEach() {
    var single = SubjectOrder(count: 5, seed: 2, fold: 0)
    var several = SubjectOrder(count: 5, drawsEach: 3, seed: 2, fold: 0)
    for draw in 0..<60 {
      #expect(several.subject(ofDraw: draw) == single.subject(ofDraw: draw / 3))
    }
  }

  @Test(
    "a rank has the cores it is bound to, and no more than its share",
    arguments: [
      (allowed: 1, online: 8, ranks: 1, expected: 1), (8, 8, 1, 8), (8, 8, 3, 2), (2, 32, 16, 2),
      (1, 1, 4, 1), (16, 32, 4, 8),
    ])
  func cores(allowed: Int, online: Int, ranks: Int, expected: Int) {
    #expect(RankCores.share(allowed: allowed, online: online, ranks: ranks) == expected)
  }

  @Test("launchers say how many ranks a host has")
  func ranks() {
    #expect(RankCores.localRanks(in: [:]) == 1)
    #expect(RankCores.localRanks(in: ["OMPI_COMM_WORLD_LOCAL_SIZE": "6"]) == 6)
    #expect(RankCores.localRanks(in: ["MPI_LOCALNRANKS": "x"]) == 1)
  }

  @Test(
    "settings of sampling and feeding are refused at their key",
    arguments: [
      ("training.sampling.redraws=-1", "training.sampling.redraws"),
      ("training.sampling.place=middle", "training.sampling.place"),
      ("training.sampling.deviation=-1", "training.sampling.deviation"),
      ("training.sampling.minimumForeground=0", "training.sampling.minimumForeground"),
      ("training.sampling.drawsPerVolume=0", "training.sampling.drawsPerVolume"),
      ("training.sampling.label=linear", "training.sampling.label"),
      ("compute.prefetch=65", "compute.prefetch"),
      ("augmentation=[{kind: oneOf, choices: [{kind: flop}]}]", "augmentation.0.choices.0.kind"),
      ("augmentation=[{kind: affine, shears: [0, 0, 0]}]", "augmentation.0.shears"),
      ("augmentation=[{kind: rotation, about: z}]", "augmentation.0.about"),
    ])
  func settings(override: String, path: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try CatalogueTests.load([override]) }
    #expect(error?.faults.map(\.path) == [path])
  }

  @Test("every augmentation is complete with its kind alone, and its resolved form is stable")
  func resolved() throws {
    for type in Augmentations.catalogue {
      let once = try CatalogueTests.load(["augmentation=[{kind: \(type.kind)}]"])
      let text = try once.resolvedYAML()
      #expect(try ExperimentConfiguration.load(yaml: text).resolvedYAML() == text)
    }
    let nested =
      "augmentation=[{kind: oneOf, choices: [{kind: flip}, {kind: sometimes, choices: [{kind: gamma}]}]}]"
    let text = try CatalogueTests.load([nested]).resolvedYAML()
    #expect(try ExperimentConfiguration.load(yaml: text).resolvedYAML() == text)
    #expect(text.contains("kind: sometimes"))
  }
}
