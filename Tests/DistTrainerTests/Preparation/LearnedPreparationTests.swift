import Collective
import Compute
import Evaluation
import Foundation
import Testing
import Volumes

@testable import DistTrainer

@Suite struct LearnedPreparationTests {
  static let nyul = "preparation.normalization={kind: nyul, percentiles: [5, 25, 50, 75, 95]}"

  static func learned(
    _ dataset: Dataset, _ folds: Folds, ranks: Int = 1
  ) throws -> [Int: [[Double]]] {
    let experiment = try PreparedCacheTests.experiment(dataset, [nyul])
    let all = try InProcessCommunicator.run(ranks: ranks) { world in
      try experiment.learned(
        for: Array(folds.splits.indices), of: folds, dataset, world: world, threads: 2
      ).mapValues { fold -> [[Double]] in
        let rule = fold.configuration.preparation.normalization.steps[0].value as? Nyul
        return rule?.landmarks ?? []
      }
    }
    for other in all { #expect(other == all[0]) }
    return all[0]
  }

  @Test("a fold's landmarks come from its training subjects alone, on any number of ranks")
  func noLeak() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let dataset = try Dataset.open("\(path)/data")
    let names = dataset.subjects.map(\.name)
    let folds = Folds(splits: [
      Split(train: Array(names[..<2]), val: Array(names[2...])),
      Split(train: Array(names[2...]), val: Array(names[..<2])),
    ])
    let before = try Self.learned(dataset, folds)
    #expect(before[0]?.first?.count == 5 && before[0] != before[1])
    for ranks in [2, 3, 5] { #expect(try Self.learned(dataset, folds, ranks: ranks) == before) }
    // A validation subject of fold 0 that is quite another image changes fold 1 alone.
    let image = dataset.subjects[3].images[0]
    var volume = try VolumeFiles.readImage(image)
    for index in volume.voxels.indices { volume.voxels[index] *= volume.voxels[index] }
    try VolumeFiles.write(volume, to: image)
    let after = try Self.learned(dataset, folds)
    #expect(after[0] == before[0] && after[1] != before[1])
  }

  @Test("nothing is learned where nothing is to be learned")
  func nothing() throws {
    let folder = try TemporaryFolder()
    try SmallStudy.writeDataset("\(folder.path)/data", subjects: ["a"])
    let dataset = try Dataset.open("\(folder.path)/data")
    let experiment = try PreparedCacheTests.experiment(dataset)
    let learned = try experiment.learned(
      for: [0], of: Folds(splits: []), dataset, world: SerialCommunicator(), threads: 1)
    #expect(learned.isEmpty)
  }

  @Test("a run that learns its preparation has it in its checkpoints, which prepare by it")
  func training() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let outcome = try #require(
      try SmallStudy.train(
        in: path, overrides: [Self.nyul, "preparation.spacing=median", "data.cache=\(path)/cache"]))
    // Four subjects for each of two folds.
    #expect(try PreparedCacheTests.files("\(path)/cache").count == 8)
    let landmarks = try (0..<2).map { fold -> [[Double]] in
      let bytes = try SmallStudy.bytes(outcome.folder.fold(fold).checkpoint(.final))
      let experiment = try Checkpoint(reading: [UInt8](bytes), name: "final").experiment()
      let preparation = experiment.configuration.preparation
      #expect(preparation.isComplete && preparation.spacing == [3, 4, 3])
      let rule = preparation.normalization.steps[0].value as? Nyul
      return try #require(rule?.landmarks)
    }
    #expect(landmarks[0] != landmarks[1])
    // The run's own configuration keeps the question, not one fold's answer.
    let resolved = try ExperimentConfiguration.load(contentsOf: outcome.folder.configuration)
    #expect(resolved.preparation.spacing == [3, 4, 3] && !resolved.preparation.isComplete)
  }

  @Test("the median spacing is that of the oriented headers")
  func median() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 2, orientation: "SRA")
    let configuration = try ExperimentConfiguration.load(
      yaml: SmallStudy.yaml("\(path)/data"), overrides: ["preparation.spacing=median"])
    // 3 x 4 x 3 mm from left, behind and below, in whatever order the file has them.
    #expect(try configuration.measured().preparation.spacing == [3, 4, 3])
  }

  @Test(
    "the fingerprint counts grids, classes and intensities of the foreground", arguments: [1, 3])
  func fingerprint(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writeDataset("\(path)/data", subjects: ["a", "b"])
    let dataset = try Dataset.open("\(path)/data")
    let experiment = try PreparedCacheTests.experiment(dataset)
    let found = try InProcessCommunicator.run(ranks: ranks) { world in
      try DatasetFingerprint.measure(dataset, experiment, world: world)
    }
    #expect(found.dropFirst().allSatisfy { $0 == nil })
    let fingerprint = try #require(found[0])
    // i = numpy.arange(120); f = i[i % 3 != 0]; x = numpy.concatenate([f, f + 1])
    // x.mean(), x.std(), numpy.percentile(x, [0, 0.5, 50, 99.5, 100])
    let one = try #require(fingerprint.intensities.first)
    #expect(abs(one.mean - 60.5) < 1e-9 && abs(one.deviation - 34.63740752423599) < 1e-9)
    let wanted = [1, 1.795, 60.5, 119.205, 120]
    #expect(zip(one.percentiles, wanted).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(fingerprint.frequencies.map(\.voxels) == [80, 80, 80])
    #expect(
      fingerprint.frequencies.allSatisfy { $0.subjects == 2 && abs($0.share * 3 - 1) < 1e-12 })
    for text in [
      #""median_spacing": [1"#, #""median_shape": [6"#, #""percentile_99_5""#, #""spacings""#,
    ] {
      let flat = fingerprint.json.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(flat.replacing("[ ", with: "[").contains(text), "\(text)")
    }
    #expect(fingerprint.description.contains("2 subjects"))
  }
}
