import Collective
import Evaluation
import Foundation
import Testing

@testable import DistTrainer

@Suite("Thresholds chosen on validation subjects")
struct ThresholdSearchTests {
  // precision_recall_curve, roc_curve(drop_intermediate=False) of the three subjects together: the
  // threshold of the least (1-P)^2 + (1-R)^2, of the greatest TPR - FPR, of the least
  // FPR^2 + (1-TPR)^2, and the recall there.
  @Test(
    "the rules take scikit-learn's points",
    arguments: [
      (ThresholdRule.precisionRecall, 0.2353515625, 0.8363309352517986),
      (.youden, 0.513671875, 0.4010791366906475), (.roc, 0.3740234375, 0.6294964028776978),
    ])
  func rules(rule: ThresholdRule, threshold: Double, recall: Double) throws {
    let folder = try TemporaryFolder()
    let run = try SyntheticScores.writeRun(folder.path)
    let head = try ThresholdSearch(run.path, rule: rule).labels[0]
    #expect(head.ensemble.chosen?.threshold == threshold)
    #expect(abs(try #require(head.ensemble.chosen?.recall) - recall) < 1e-12)
    #expect(abs(try #require(head.ensemble.areaUnderROC) - 0.6987142601031715) < 1e-12)
    #expect(abs(try #require(head.ensemble.averagePrecision) - 0.6015898283378526) < 1e-12)
  }

  @Test("each fold has its own threshold and one that the other folds chose; means are by subject")
  func folds() throws {
    let folder = try TemporaryFolder()
    let run = try SyntheticScores.writeRun(folder.path)
    let search = try ThresholdSearch(run.path)
    let head = search.labels[0]
    #expect(
      head.folds.map { $0.own.chosen?.threshold } == [0.2216796875, 0.25, 0.224609375])
    #expect(head.folds.map { $0.nested?.threshold } == [0.236328125, 0.2216796875, 0.2353515625])
    // np.mean of each subject's Dice at 0.5, its own, the common and the nested threshold.
    let means = [0.472310917038739, 0.5260002664387127, 0.5233912535965777, 0.5198589716034867]
    #expect(
      head.measured.map(\.name) == ["0.5", "each fold's own", "all folds together", "nested"])
    for (item, mean) in zip(head.measured, means) {
      #expect(abs(try #require(item.dice.mean) - mean) < 1e-12, "\(item.name)")
    }
    let deviation = try #require(head.measured[3].dice.standardDeviation)
    #expect(abs(deviation - 0.010259300524981932) < 1e-12)
    // Folds 1 and 2 lack the tail: they choose nothing, and nothing can be nested for fold 0.
    let tail = search.labels[1]
    #expect(tail.ensemble.chosen?.threshold == 0.75)
    #expect(tail.folds.map { $0.own.chosen?.threshold } == [0.75, nil, nil])
    #expect(tail.folds.map { $0.nested?.threshold } == [nil, 0.75, 0.75])
    #expect(tail.measured.map(\.name) == ["0.5", "all folds together"])
    #expect(tail.measured[1].dice.mean == 1 && tail.measured[1].dice.undefinedCount == 2)
    let lines = search.description.split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(lines[1] == "head 0 1 0.2217 0.3712 0.8441 0.6772 0.5829 0.2363")
    #expect(lines[4] == "head all 3 0.2354 0.3808 0.8363 0.6987 0.6016 -")
    #expect(lines[6] == "tail 1 1 - - - - - 0.7500")
    #expect(lines.contains { $0.hasPrefix("head nested 0.5199 0.0103 ") && $0.hasSuffix(" 0") })
    #expect(lines.contains { $0.hasPrefix("tail all folds together 1.0000 - ") })
  }

  @Test("a run of one fold has thresholds, and nothing nested")
  func oneFold() throws {
    let folder = try TemporaryFolder()
    let run = try SyntheticScores.writeRun(folder.path, folds: [1])
    let head = try ThresholdSearch(run.path).labels[0]
    #expect(head.folds.map(\.fold) == [1])
    #expect(head.ensemble.chosen?.threshold == 0.25)
    #expect(head.measured.map(\.name) == ["0.5", "each fold's own", "all folds together"])
  }

  @Test("what cannot be chosen from is refused in a sentence")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    func message(_ run: String) -> String {
      SegmentationComparisonTests.message { _ = try ThresholdSearch(run) }
    }
    #expect(message(path).contains("is no run folder (it lacks config.resolved.yaml)"))
    let run = try SyntheticScores.writeRun(path, folds: [])
    #expect(
      message(run.path)
        == "The run \(run.path) has validated no fold yet: train one to its end first.")
    let without = try SyntheticScores.writeRun(
      "\(path)/without", folds: [], more: "evaluation: {curves: false}")
    #expect(message(without.path).contains("with evaluation.curves: false and left no scores"))
  }
}
