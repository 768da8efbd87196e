import Collective
import Compute
import DistTrainer
import Evaluation
import Foundation
import Testing
import Volumes

@Suite struct PredictionTests {
  static func predict(
    _ models: [String], _ input: [String], to output: String, ranks: Int = 1,
    fold: Int? = nil, probabilities: Bool = false, threshold: String? = nil,
    steps: [PostProcessingChoice] = []
  ) throws -> [String] {
    try InProcessCommunicator.run(ranks: ranks) { world in
      let trained = try TrainedModels(models, fold: fold, world: world)
      return try PredictionRun(
        trained, input: PredictionInput(input, for: trained.experiment), output: output,
        savesProbabilities: probabilities,
        thresholds: threshold.map { try Thresholds($0, for: trained) }, steps: steps
      ).run(world: world, engine: CPUEngine(threads: 1))
    }[0]
  }

  @Test(
    "a fold's network predicts what its own validation predicted, byte for byte, on any ranks",
    arguments: [1, 3])
  func sameAsValidation(ranks: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    // An orientation that must be undone on the way back.
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "LPS")
    let outcome = try #require(try SmallStudy.train(in: path, folds: [0]))
    let files = try Self.predict(
      ["\(path)/run"], ["\(path)/data"], to: "\(path)/out", ranks: ranks)
    #expect(files.count == 4)
    for subject in outcome.table.subjects {
      let mine = try SmallStudy.bytes("\(path)/out/\(subject.subject).nii.gz")
      #expect(try mine == SmallStudy.bytes(subject.predictionFile))
    }
    // nnU-Net's naming of a folder and of a single file leads to the same.
    let folderFiles = try Self.predict(
      ["\(path)/run/fold_0/checkpoint_final.safetensors"], ["\(path)/data/imagesTr"],
      to: "\(path)/out2")
    #expect(folderFiles.count == 4)
    for (one, other) in zip(files, folderFiles) {
      #expect(try SmallStudy.bytes(one) == SmallStudy.bytes(other))
    }
  }

  @Test("an ensemble takes the largest mean probability, on the original grid")
  func ensemble() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "PIR")
    _ = try SmallStudy.train(in: path, overrides: ["preparation.spacing=[4, 4, 4]"])
    let image = try FileManager.default.contentsOfDirectory(atPath: "\(path)/data/imagesTr")
      .sorted()[0]
    func probabilities(_ fold: Int?, _ name: String) throws -> (Volume, LabelVolume) {
      let file = "\(path)/\(name).nii.gz"
      let files = try Self.predict(
        ["\(path)/run"], ["\(path)/data/imagesTr/\(image)"], to: file, fold: fold,
        probabilities: true)
      #expect(files == [file])
      return (
        try VolumeFiles.readImage("\(path)/\(name)_probabilities.nii.gz"),
        try VolumeFiles.readLabels(file)
      )
    }
    let (first, _) = try probabilities(0, "zero")
    let (second, _) = try probabilities(1, "one")
    let (mean, labels) = try probabilities(nil, "both")
    let header = try VolumeFiles.readHeader("\(path)/data/imagesTr/\(image)")
    #expect(mean.geometry == header.geometry && labels.geometry == header.geometry)
    #expect(mean.channels == 3)
    #expect(first.voxels != second.voxels)
    let count = mean.geometry.count
    var worst: Float = 0
    var wrong = 0
    for voxel in 0..<count {
      let scores = (0..<3).map { mean.voxels[$0 * count + voxel] }
      let largest = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) }
      if largest != Int(labels.voxels[voxel]) { wrong += 1 }
      worst = max(worst, abs(scores.reduce(0, +) - 1))
      for (place, score) in scores.enumerated() {
        let (a, b) = (first.voxels[place * count + voxel], second.voxels[place * count + voxel])
        worst = max(worst, abs((a + b) / 2 - score))
      }
    }
    // Means and interpolation commute but for rounding: some steps of 2^-24 each.
    #expect(worst < 2e-6)
    #expect(wrong == 0)
  }

  @Test("runs with unlike networks and preparations vote by the mean over all their networks")
  func severalRuns() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "PIR")
    _ = try SmallStudy.train(in: path)
    _ = try SmallStudy.train(
      in: path, folds: [0], output: "wider", overrides: ["network.features=8"])
    _ = try SmallStudy.train(
      in: path, folds: [0], output: "coarser",
      overrides: ["preparation.spacing=[4, 4, 4]", "preparation.crop=nonZero"])
    let image = try FileManager.default.contentsOfDirectory(atPath: "\(path)/data/imagesTr")
      .sorted()[0]
    func probabilities(_ models: [String], fold: Int? = nil) throws -> Volume {
      let name = "\(path)/\(models.joined())\(fold ?? 9)"
      let files = try Self.predict(
        models.map { "\(path)/\($0)" }, ["\(path)/data/imagesTr/\(image)"], to: "\(name).nii.gz",
        fold: fold, probabilities: true)
      let volume = try VolumeFiles.readImage("\(name)_probabilities.nii.gz")
      let labels = try VolumeFiles.readLabels(files[0])
      let count = volume.geometry.count
      for voxel in 0..<count {
        let scores = (0..<3).map { volume.voxels[$0 * count + voxel] }
        let largest = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) }
        try #require(largest == Int(labels.voxels[voxel]))
      }
      return volume
    }
    let singles = try [
      probabilities(["run"], fold: 0), probabilities(["run"], fold: 1), probabilities(["wider"]),
      probabilities(["coarser"]),
    ]
    for (models, parts) in [(["run", "wider"], 0..<3), (["run", "coarser", "wider"], 0..<4)] {
      let together = try probabilities(models)
      var worst: Float = 0
      for voxel in together.voxels.indices {
        let mean = parts.reduce(0) { $0 + singles[$1].voxels[voxel] } / Float(parts.count)
        worst = max(worst, abs(mean - together.voxels[voxel]))
      }
      #expect(worst < 2e-6)
    }
  }

  @Test("post-processing in the configuration applies to validation and prediction alike")
  func postProcessing() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "LPS")
    let plain = try #require(try SmallStudy.train(in: path, folds: [0]))
    let step = "{kind: smallComponents, minimum: 30, unit: voxels}"
    let treated = try #require(
      try SmallStudy.train(
        in: path, folds: [0], output: "treated",
        overrides: ["inference.postprocessing=[\(step)]"]))
    let chosen = [PostProcessingChoice]([SmallComponents(minimum: 30, unit: .voxels)])
    let files = try Self.predict(["\(path)/treated"], ["\(path)/data"], to: "\(path)/out")
    let asked = try Self.predict(
      ["\(path)/run"], ["\(path)/data"], to: "\(path)/out2", steps: chosen)
    #expect(try zip(files, asked).allSatisfy { try SmallStudy.bytes($0) == SmallStudy.bytes($1) })
    var changed = 0
    for (before, after) in zip(plain.table.subjects, treated.table.subjects) {
      let file = "\(path)/out/\(after.subject).nii.gz"
      #expect(try SmallStudy.bytes(file) == SmallStudy.bytes(after.predictionFile))
      let found = try VolumeFiles.readLabels(after.predictionFile)
      var expected = try VolumeFiles.readLabels(before.predictionFile)
      if found != expected { changed += 1 }
      try chosen.apply(to: &expected)
      #expect(found == expected)
      // The table tells of what was written.
      let reference = try VolumeFiles.readLabels(after.referenceFile)
      let counted = try SubjectMetrics(
        subject: after.subject, prediction: found.voxels.span, reference: reference.voxels.span,
        labels: [(1, "femur"), (2, "head")])
      #expect(after.labels.map(\.counts) == counted.labels.map(\.counts))
    }
    #expect(changed > 0)
    let stray = [PostProcessingChoice]([FillHoles(labels: [3])])
    let error = #expect(throws: AgreedError.self) {
      try Self.predict(["\(path)/run"], ["\(path)/data"], to: "\(path)/out3", steps: stray)
    }
    #expect(error?.message.contains("names the label 3, which the data set lacks") == true)
  }

  @Test("networks of other labels, and runs without the checkpoint asked for, are refused")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    _ = try SmallStudy.train(in: path, folds: [0])
    // The same scans with one label less.
    let description = "\(path)/data/dataset.json"
    let text = String(decoding: try SmallStudy.bytes(description), as: UTF8.self)
    for file in try FileManager.default.contentsOfDirectory(atPath: "\(path)/data/labelsTr") {
      var labels = try VolumeFiles.readLabels("\(path)/data/labelsTr/\(file)")
      labels.voxels = labels.voxels.map { min($0, 1) }
      try VolumeFiles.write(labels, to: "\(path)/data/labelsTr/\(file)")
    }
    try Data(text.replacing(/,\s*"head"\s*:\s*2/, with: "").utf8)
      .write(to: URL(fileURLWithPath: description))
    _ = try SmallStudy.train(in: path, folds: [0], output: "fewer")
    func message(_ models: [String], fold: Int? = nil) -> String {
      do {
        _ = try TrainedModels(models, fold: fold, world: SerialCommunicator())
        return ""
      } catch { return "\(error)" }
    }
    let checkpoint = "fold_0/checkpoint_final.safetensors"
    #expect(
      message(["\(path)/run", "\(path)/fewer"])
        == "\(path)/fewer/\(checkpoint) has another set of labels than "
        + "\(path)/run/\(checkpoint); predict with each by itself")
    #expect(message(["\(path)/run"], fold: 1).contains("has no checkpoint_final.safetensors"))
    #expect(message(["\(path)/gone"]).contains("There is no run or checkpoint at \(path)/gone"))
    #expect(message(["\(path)/config.yaml"]).contains("is damaged"))
  }

  /// Files of a folder, and the subjects that a network of so many channels finds there.
  typealias Naming = (files: [String], channels: Int, items: [String: [String]]?)
  static let namings: [Naming] = [
    (["b.nii.gz", "a.nii"], 1, ["a": ["a.nii"], "b": ["b.nii.gz"]]),
    (
      ["x_1_0000.nii.gz", "x_1_0001.nii.gz"], 2, ["x_1": ["x_1_0000.nii.gz", "x_1_0001.nii.gz"]]
    ),
    // Numbers of scans, not of channels.
    (
      ["scan_0001.nii.gz", "scan_0002.nii.gz"], 1,
      [
        "scan_0001": ["scan_0001.nii.gz"], "scan_0002": ["scan_0002.nii.gz"],
      ]
    ),
    (["p.hdr", "p.img", "._p.hdr", "notes.txt"], 1, ["p": ["p.hdr"]]),
    (["x_0000.nii.gz"], 2, nil), (["x_0000.nii.gz", "x_0001.nii.gz"], 1, nil),
    (["x_0000.nii.gz", "y.nii.gz"], 1, nil), (["x.nii", "x.nii.gz"], 1, nil),
    (["notes.txt"], 1, nil),
  ]

  @Test("a folder's names tell subjects and channels, or are refused", arguments: namings)
  func names(_ naming: Naming) throws {
    let folder = try TemporaryFolder()
    try folder.write(naming.files)
    let configuration = try ExperimentConfiguration.load(yaml: SmallStudy.yaml("nowhere"))
    let experiment = try Experiment(
      configuration, channels: naming.channels, classes: 3)
    guard let items = naming.items else {
      #expect(throws: PredictionError.self) {
        try PredictionInput([folder.path], for: experiment)
      }
      return
    }
    let input = try PredictionInput([folder.path], for: experiment)
    #expect(input.items.map(\.name) == items.keys.sorted())
    for item in input.items {
      #expect(item.images == items[item.name]?.map { "\(folder.path)/\($0)" })
    }
    #expect(!input.isSingle)
  }
}
