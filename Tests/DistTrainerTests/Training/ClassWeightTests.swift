import Collective
import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

@Suite("Class weights of the training subjects", .serialized, .timeLimit(.minutes(3)))
struct ClassWeightTests {
  @Test("the voxels of a fold's training subjects are counted, kept in its folder and restored")
  func counted() throws {
    let study = try ProtocolRun {
      var loss = CrossEntropyLoss()
      (loss.options.weighting, loss.options.normalization) = (.medianFrequency, .voxels)
      $0.loss = LossChoice(loss)
    }
    try study.train("run")
    _ = try InProcessCommunicator.run(ranks: 2) { world in
      try study.train("shared", world: world)
    }
    #expect(try study.bytes("shared") == study.bytes("run"))
    // Counted here from the files.
    let folds = try Folds(
      contentsOf: RunFolder("\(study.folder.path)/run").splits,
      dataset: Dataset.open("\(study.folder.path)/data"))
    var counts = [0, 0, 0]
    for name in folds.splits[1].train {
      let labels = try VolumeFiles.readLabels("\(study.folder.path)/data/labelsTr/\(name).nii.gz")
      for label in labels.voxels { counts[Int(label)] += 1 }
    }
    let saved = try JSONDecoder().decode(
      ClassCounts.self, from: Data(contentsOf: URL(filePath: study.fold("run").classCounts)))
    #expect(saved.voxels == counts)
    #expect(saved.labels == ["background", "femur", "head"])
    let loss = try #require(
      try study.checkpoint("run").experiment().loss as? CrossEntropyLoss)
    #expect(loss.options.weighting == .given)
    #expect(loss.classWeights == counts.map { Float(Double(counts[0]) / Double($0)) })
    // A run that goes on takes the counts of its folder, even other ones.
    try study.train("again", copies: "parts")
    try study.train("parts1", continues: true)
    #expect(try study.bytes("parts1") == study.bytes("run"))
    try #"{"labels": ["a"], "voxels": [1]}"#.write(
      toFile: study.fold("parts1").classCounts, atomically: true, encoding: .utf8)
    let error = #expect(throws: (any Error).self) { try study.train("parts1", continues: true) }
    #expect(error.map { "\($0)" }?.contains("does not hold the counts of the labels") == true)
  }

  @Test("a label that no training subject shows is named")
  func missing() throws {
    let study = try ProtocolRun {
      var loss = CrossEntropyLoss()
      loss.options.weighting = .medianFrequency
      $0.loss = LossChoice(loss)
      // The whole phantom becomes background and femur.
      $0.data.map = ["2": 1]
    }
    let error = #expect(throws: (any Error).self) { try study.train("run") }
    #expect(
      error.map { "\($0)" }?.contains(
        "loss takes class weights from the training subjects of fold 1, which show no voxel of head"
      ) == true, "\(String(describing: error))")
  }
}
