import Collective
import Compute
import Foundation
import Nets
import Testing
import Volumes

@testable import DistTrainer

@Suite("The loss and accuracy of a validation", .serialized, .timeLimit(.minutes(2)))
struct ValidationLossTests {
  @Test(
    "the cross-entropy of tiles side by side is that of their predictions",
    arguments: [[12, 12, 12], [12, 12, 6], [6, 4, 12]])
  func crossEntropy(patch: [Int]) throws {
    let experiment = try SmallTraining.experiment {
      $0.training.patch = patch
      $0.loss = LossChoice(CrossEntropyLoss())
      $0.inference.overlap = 0.0
      $0.inference.weights = .uniform
    }
    let subjects = try SmallTraining.subjects(2)
    let engine = try SmallTraining.engine()
    let trainer = try FoldTrainer(
      experiment, fold: 0, subjects: subjects, engine: engine,
      communicator: SerialCommunicator())
    for _ in 0..<3 { try trainer.step() }
    let loss = try ValidationLoss(experiment, engine: engine, parameters: trainer.parameters)
    let window = try SlidingWindow(experiment, engine: engine, parameters: trainer.parameters)
    for subject in subjects {
      let probabilities = window.probabilities(of: subject.image)
      let classes = subject.classes
      let expected = classes.indices.reduce(0.0) {
        $0 - log(Double(probabilities[Int(classes[$1]) * classes.count + $1]))
      }
      var tiles = 0
      let found = try loss(of: subject) { tiles += 1 }
      #expect(abs(found - expected / Double(classes.count)) < 1e-5)
      #expect(tiles == 12 * 12 * 12 / patch.reduce(1, *))
    }
  }

  @Test("quantities are of all voxels and of the mean subject, and travel bit for bit")
  func quantities() {
    var (first, second) = (SubjectQuantities(), SubjectQuantities())
    (first.correct, first.voxels, first.loss) = (90, 100, 0.1 + 0.2)
    (second.correct, second.voxels, second.loss) = (10, 300, 0.5)
    #expect(SubjectQuantities(first.numbers) == first)
    #expect(
      SubjectQuantities.means(of: [first, second], wanted: [.voxelAccuracy, .validationLoss])
        == [.voxelAccuracy: 0.25, .validationLoss: (0.1 + 0.2 + 0.5) / 2])
    #expect(SubjectQuantities.means(of: [first], wanted: [.validationDice]).isEmpty)
  }

  @Test("the accuracy that is logged is that of the predictions in the folder")
  func accuracy() throws {
    let study = try ProtocolRun {
      $0.training.quantity = .voxelAccuracy
      $0.training.epochs = 3
      $0.training.validationLoss = true
    }
    try study.train("run")
    let log = try study.log("run")
    #expect(log.allSatisfy { $0.validationLoss != nil && $0.dice != nil })
    // The final weights are those of the last validation, whose predictions the folder has.
    let predictions = try FileManager.default
      .contentsOfDirectory(atPath: study.fold("run").validation.path)
      .filter { $0.hasSuffix(".nii.gz") }
    #expect(predictions.count == 2)
    var (correct, voxels) = (0, 0)
    for name in predictions {
      let found = try VolumeFiles.readLabels("\(study.fold("run").validation.path)/\(name)")
      let truth = try VolumeFiles.readLabels("\(study.folder.path)/data/labelsTr/\(name)")
      correct += zip(found.voxels, truth.voxels).count { $0 == $1 }
      voxels += truth.voxels.count
    }
    #expect(log.last?.voxelAccuracy == Double(correct) / Double(voxels))
    let best = try study.checkpoint("run", .best).progress()
    #expect(best.bestValue == log.compactMap(\.voxelAccuracy).max())
  }
}
