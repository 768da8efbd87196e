import Collective
import Compute
import Evaluation
import Foundation
import Testing
import Volumes

@testable import DistTrainer

@Suite("Thresholds in prediction")
struct ThresholdsTests {
  static let labels = (0..<3).map { DatasetLabel(number: UInt8($0), name: "label \($0)") }

  @Test("the label of the greatest p / t wins among those that reach their threshold")
  func decision() {
    // Voxels of (background, label 1, label 2).
    let voxels: [[Float]] = [
      [0.5, 0.25, 0.25], [0.5, 0.375, 0.125], [0.125, 0.375, 0.5], [0.25, 0.5, 0.25],
      [0.9, 0.05, 0.05], [0.25, 0.25, 0.5],
    ]
    let volume = Volume(
      voxels: (0..<3).flatMap { index in voxels.map { $0[index] } }, channels: 3,
      geometry: Geometry(shape: [1, 1, 6]))
    func classes(_ values: [UInt8: Double]) -> [UInt8] {
      Thresholds(values).classes(of: SubjectScores(volume), labels: Self.labels, threads: 1).voxels
    }
    // p / t of label 1: 1, 1.5, 1.5, 2, -, 1; of label 2 at 0.25: 1, -, 2, 1, -, 2.
    #expect(classes([1: 0.25, 2: 0.25]) == [1, 1, 2, 1, 0, 2])
    // At 0.5: -, -, 1, -, -, 1.
    #expect(classes([1: 0.25, 2: 0.5]) == [1, 1, 1, 1, 0, 1])
    #expect(classes([1: 0.5, 2: 0.5]) == [0, 0, 2, 1, 0, 2])
    // A threshold of 0 is reached everywhere.
    #expect(classes([1: 0, 2: 0.5]) == [1, 1, 1, 1, 1, 1])
    #expect(classes([2: 0.25]) == [2, 0, 2, 2, 0, 2])
  }

  @Test(
    "probabilities on the grid of the file are the same numbers, one class at a time or all",
    arguments: [Interpolation.linear, .cubic])
  func classByClass(interpolation: Interpolation) throws {
    let geometry = Geometry(shape: [9, 8, 7], spacing: [1, 2, 3])
    // Nothing in the first two slices of 56 voxels, which the crop takes away.
    let image = Volume(
      voxels: (0..<504).map { $0 < 126 ? 0 : Float($0 * 7919 % 101) + 1 }, geometry: geometry)
    let preparation = Preparation(
      orientation: "PIR", spacing: [1.5, 1.5, 1.5], restore: interpolation, crop: NonZeroCrop())
    let (prepared, grid) = try preparation.prepare(image)
    let count = prepared.geometry.count
    try #require(count != 504)
    var scores = (0..<3 * count).map { Float($0 * 104_729 % 997) / 997 }
    for voxel in 0..<count {
      let sum = (0..<3).reduce(0) { $0 + scores[$1 * count + voxel] } + 1e-3
      for index in 0..<3 { scores[index * count + voxel] /= sum }
    }
    let subject = SubjectScores(probabilities: scores, grid: grid, classes: 3)
    let whole = subject.volume
    var seen: [Int] = []
    subject.forEachForeground(threads: 1) { index, probabilities in
      seen.append(index)
      let same = probabilities.indices.allSatisfy {
        probabilities[$0] == whole.voxels[index * 504 + $0]
      }
      #expect(same && probabilities.count == 504)
      #expect(probabilities.indices.filter { probabilities[$0] == 0 }.count >= 112)
    }
    #expect(seen == [1, 2])
  }

  @Test("validation counts what prediction with a threshold makes, on the grid of the files")
  func consistent() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4, orientation: "LPS")
    let overrides = [
      "preparation.spacing=[4, 4, 4]", "training.epochs=3", "training.stepsPerEpoch=10",
    ]
    let outcome = try #require(try SmallStudy.train(in: path, overrides: overrides))
    let labels = Array(Phantom.labelNames.enumerated().dropFirst()).map {
      DatasetLabel(number: UInt8($0.offset), name: $0.element)
    }
    for fold in 0..<2 {
      let table = outcome.table.fold(fold)
      let scores = try #require(
        try FoldScores(
          of: outcome.folder, fold: fold, labels: labels, subjects: table.subjects.map(\.subject)))
      #expect(scores.entries.count == table.subjects.count * 2)
      // From 1/2 on no voxel has two labels, so that each label alone is what is predicted.
      for threshold in [0.5, 0.75] {
        let name = "\(path)/out\(fold)-\(threshold)"
        _ = try PredictionTests.predict(
          ["\(path)/run"], ["\(path)/data"], to: name, fold: fold, threshold: "\(threshold)")
        for subject in table.subjects {
          let predicted = try VolumeFiles.readLabels("\(name)/\(subject.subject).nii.gz")
          let reference = try VolumeFiles.readLabels(subject.referenceFile)
          let counted = try SubjectMetrics(
            subject: subject.subject, prediction: predicted.voxels.span,
            reference: reference.voxels.span, labels: labels.map { ($0.number, $0.name) })
          let found = scores.entries.filter { $0.subject == subject.subject }
          #expect(found.map { $0.scores.counts(at: threshold) } == counted.labels.map(\.counts))
        }
      }
    }
    let areas = try String(contentsOfFile: outcome.folder.crossValidation.curves, encoding: .utf8)
    #expect(areas.split(separator: "\n").count == 1 + 4 * 2)
    // A file of thresholds: one network takes its fold's, several take that of all folds.
    let search = try ThresholdSearch(outcome.folder.path)
    let file = try search.write()
    for (fold, expected) in [
      (0, search.labels.map { $0.folds[0].own.chosen?.threshold }),
      (nil, search.labels.map { $0.ensemble.chosen?.threshold }),
    ] {
      let models = try TrainedModels(
        [outcome.folder.path], fold: fold, world: SerialCommunicator())
      for text in [file, outcome.folder.path] {
        let thresholds = try Thresholds(text, for: models)
        #expect([thresholds.values[1], thresholds.values[2]] == expected)
      }
    }
  }

  @Test("without curves nothing is counted")
  func off() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try SmallStudy.writePhantoms("\(path)/data", count: 4)
    let outcome = try #require(
      try SmallStudy.train(in: path, folds: [0], overrides: ["evaluation.curves=false"]))
    #expect(!FileManager.default.fileExists(atPath: outcome.folder.fold(0).validation.scores))
    #expect(!FileManager.default.fileExists(atPath: outcome.folder.crossValidation.curves))
    // What --threshold cannot be is refused in a sentence.
    let models = try TrainedModels([outcome.folder.path], world: SerialCommunicator())
    func message(_ text: String) -> String {
      SegmentationComparisonTests.message { _ = try Thresholds(text, for: models) }
    }
    #expect(try Thresholds("0.25", for: models).values == [1: 0.25, 2: 0.25])
    for text in ["0", "-0.5", "1.01", "nan", "inf"] {
      #expect(message(text).contains("A threshold of \(text) is no probability"))
    }
    #expect(
      message(outcome.folder.path)
        == "There is no \(outcome.folder.crossValidation.threshold): choose thresholds with segmpi "
        + "threshold first, or mend the path.")
    try folder.write(["x.json"], text: "{\"labels\": 1}")
    #expect(message("\(path)/x.json").contains("holds no thresholds"))
    let other = try SyntheticScores.writeRun("\(path)/other")
    let file = try ThresholdSearch(other.path).write()
    #expect(message(file).contains("has no threshold for the label 1 femur"))
  }
}
