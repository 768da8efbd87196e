import Collective
import Compute
import Evaluation
import Foundation
import Testing
import Volumes

@testable import DistTrainer

@Suite struct PreparedCacheTests {
  static func experiment(_ dataset: Dataset, _ overrides: [String] = []) throws -> Experiment {
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("nowhere"), overrides: overrides)
    return try Experiment(
      configuration, channels: dataset.channels.count, labels: dataset.labels)
  }

  static func fill(
    _ folder: String, _ dataset: Dataset, _ overrides: [String] = [], ranks: Int = 1
  ) throws -> PreparedCache.Filled {
    let cache = try PreparedCache(folder, for: experiment(dataset, overrides))
    return try InProcessCommunicator.run(ranks: ranks) { world in
      try cache.fill(dataset, world: world)
    }[0]
  }

  static func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test(
    "what comes from a file is what preparation makes, to the last bit", arguments: [1, 2, 3, 7])
  func roundTrip(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 5, orientation: "PSR")
    let dataset = try Dataset.open("\(path)/data")
    let settings = ["preparation.spacing=[4, 4, 4]", "preparation.crop=nonZero"]
    let filled = try Self.fill("\(path)/cache", dataset, settings, ranks: ranks)
    #expect(filled.prepared == 5 && filled.total == 5)
    #expect(try Self.files("\(path)/cache").count == 5)
    let experiment = try Self.experiment(dataset, settings)
    for subject in dataset.subjects {
      let fresh = try PreparedSubject(subject, experiment)
      let key = try #require(filled.keys[subject.name])
      let file = "\(path)/cache/\(subject.name)-\(key.prefix(16)).prepared"
      let kept = try #require(PreparedFile.read(file, key: key, name: subject.name))
      #expect(kept.name == fresh.name && kept.image == fresh.image && kept.grid == fresh.grid)
      #expect(kept.classes == fresh.classes && kept.foreground == fresh.foreground)
      #expect(kept.reference == fresh.reference)
    }
  }

  @Test("only what has changed is prepared again: a file's bytes, or a setting")
  func changes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b", "c"])
    let dataset = try Dataset.open("\(path)/data")
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 3)
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 0)
    // Settings that have nothing to do with preparation change no key.
    #expect(try Self.fill("\(path)/cache", dataset, ["training.seed=7"]).prepared == 0)
    #expect(
      try Self.fill("\(path)/cache", dataset, ["preparation.normalization.kind=none"]).prepared == 3
    )
    #expect(try Self.files("\(path)/cache").count == 6)
    let label = "\(path)/data/labelsTr/b.nii.gz"
    var labels = try VolumeFiles.readLabels(label)
    labels.voxels[0] = 2
    try VolumeFiles.write(labels, to: label)
    let filled = try Self.fill("\(path)/cache", dataset)
    #expect(filled.prepared == 1)
    let study = try Study(
      Self.experiment(dataset), dataset: dataset,
      folds: Folds(splits: []), cache: filled)
    #expect(study.subjects.map { $0.classes.max() } == [2, 2, 2])
    #expect(study.subjects[1].reference?.voxels[0] == 2)
  }

  @Test(
    "a damaged file is prepared anew, never trusted and never a crash",
    arguments: [0, 3, 12, 40, 300, -1, -200])
  func damage(place: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(path)/data")
    let key = try #require(try Self.fill("\(path)/cache", dataset).keys["a"])
    let file = "\(path)/cache/\(try Self.files("\(path)/cache")[0])"
    let whole = try SmallStudy.bytes(file)
    // Cut there, counted from either end; a place in the header is also overwritten.
    try whole.prefix(place < 0 ? whole.count + place : place)
      .write(to: URL(fileURLWithPath: file))
    #expect(PreparedFile.read(file, key: key, name: "a") == nil)
    if place >= 0, place < 300 {
      var bytes = whole
      bytes[place] ^= 0xFF
      try bytes.write(to: URL(fileURLWithPath: file))
      #expect(PreparedFile.read(file, key: key, name: "a") == nil)
    }
    #expect(try Self.fill("\(path)/cache", dataset).prepared == 1)
    #expect(try SmallStudy.bytes(file) == whole)
  }

  @Test("a file of another key is not taken")
  func otherKey() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a"])
    let filled = try Self.fill("\(path)/cache", Dataset.open("\(path)/data"))
    let file = "\(path)/cache/\(try Self.files("\(path)/cache")[0])"
    let key = try #require(filled.keys["a"])
    #expect(PreparedFile.read(file, key: key, name: "a") != nil)
    #expect(
      PreparedFile.read(file, key: String(key.reversed()), name: "a") == nil)
  }

  @Test("runs that prepare at once leave whole files and nothing else")
  func atOnce() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 2)
    let dataset = try Dataset.open("\(path)/data")
    let cache = try PreparedCache("\(path)/cache", for: Self.experiment(dataset))
    // Every rank is a run of its own.
    let done = try InProcessCommunicator.run(ranks: 4) { _ in
      try cache.fill(dataset, world: SerialCommunicator())
    }
    #expect(try Self.files("\(path)/cache").count == 2)
    for subject in dataset.subjects {
      let kept = try done[0].subject(subject)
      #expect(try kept.image == PreparedSubject(subject, Self.experiment(dataset)).image)
    }
    #expect(try cache.fill(dataset, world: SerialCommunicator()).prepared == 0)
  }

  @Test("a run with a cache trains to the same weights, and its second start prepares nothing")
  func training() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let plain = try #require(try SmallStudy.train(in: path, folds: [0], output: "plain"))
    let cached = try #require(
      try SmallStudy.train(
        in: path, folds: [0], output: "cached", overrides: ["data.cache=\(path)/cache"]))
    #expect(try Self.files("\(path)/cache").count == 4)
    #expect(plain.table.subjects.map(\.labels) == cached.table.subjects.map(\.labels))
    func weights(_ folder: RunFolder) throws -> [String: [UInt8]] {
      let checkpoint = try Checkpoint(
        reading: [UInt8](SmallStudy.bytes(folder.fold(0).checkpoint(.final))), name: "final")
      return checkpoint.file.tensors.mapValues(\.bytes)
    }
    #expect(try weights(plain.folder) == weights(cached.folder))
  }
}
