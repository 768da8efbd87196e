import Evaluation
import Foundation
import Testing

@Suite struct ScoreCurveTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var scores: [Double]
    var truths: [Bool]
    var areaUnderROC: Double
    var averagePrecision: Double
    /// By ThresholdRule, with precision and recall at the first.
    var thresholds: [ThresholdRule: Double]
    var precision: Double
    var recall: Double
  }

  static let tied = (0..<500).map { index -> (Double, Bool) in
    let truth = (index * index * 7 + index * 3) % 11 < 3
    let (a, b) = (Double(index) * 0.618, Double(index) * 0.37)
    let score =
      a.truncatingRemainder(dividingBy: 1) * 0.6
      + (truth ? 0.4 * b.truncatingRemainder(dividingBy: 1) : 0)
    return ((score * 100).rounded(.toNearestOrEven) / 100, truth)
  }

  // scikit-learn 1.9.1: roc_auc_score, average_precision_score; thresholds of
  // precision_recall_curve at the last argmin of (1 - P)^2 + (1 - R)^2 with P, R there, and of
  // roc_curve(drop_intermediate=False) at the first argmax of tpr - fpr and argmin of
  // (1 - tpr)^2 + fpr^2, the point at infinity left out.
  //   tied: i = np.arange(500); y = (i * i * 7 + i * 3) % 11 < 3
  //     s = np.round(((i * .618) % 1) * .6 + .4 * y * ((i * .37) % 1), 2)
  //   rare: i = np.arange(60); y = i % 7 == 2; s = (i * 13 % 17) / 16
  static let cases: [Case] = [
    Case(
      testDescription: "ten",
      scores: [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.2, 0.9, 0.65, 0.5],
      truths: [false, false, true, true, false, true, false, true, true, false],
      areaUnderROC: 0.8, averagePrecision: 0.8392857142857143,
      thresholds: [.precisionRecall: 0.35, .youden: 0.65, .roc: 0.65],
      precision: 0.625, recall: 1),
    Case(
      testDescription: "tied", scores: tied.map(\.0), truths: tied.map(\.1),
      areaUnderROC: 0.765559126408183, averagePrecision: 0.7207711045575514,
      thresholds: [.precisionRecall: 0.3, .youden: 0.53, .roc: 0.42],
      precision: 0.4902597402597403, recall: 0.8296703296703297),
    Case(
      testDescription: "rare", scores: (0..<60).map { Double($0 * 13 % 17) / 16 },
      truths: (0..<60).map { $0 % 7 == 2 },
      areaUnderROC: 0.5435729847494554, averagePrecision: 0.20158266035459016,
      thresholds: [.precisionRecall: 0.25, .youden: 0.25, .roc: 0.5625],
      precision: 0.17777777777777778, recall: 0.8888888888888888),
    Case(
      testDescription: "one score for all", scores: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      truths: [true, true, true, false, false, false], areaUnderROC: 0.5, averagePrecision: 0.5,
      thresholds: [.precisionRecall: 0.5, .youden: 0.5, .roc: 0.5], precision: 0.5, recall: 1),
    Case(
      testDescription: "the wrong way round", scores: [0.1, 0.2, 0.8, 0.9],
      truths: [true, true, false, false], areaUnderROC: 0, averagePrecision: 5.0 / 12,
      thresholds: [.precisionRecall: 0.1, .youden: 0.1, .roc: 0.1], precision: 0.5, recall: 1),
  ]

  @Test("areas and thresholds agree with scikit-learn", arguments: cases)
  func oracle(_ item: Case) throws {
    let curve = try ScoreCurve(scores: item.scores.span, truths: item.truths.span)
    #expect(isNear(curve.areaUnderROC.number, item.areaUnderROC, within: 1e-14))
    #expect(isNear(curve.averagePrecision.number, item.averagePrecision, within: 1e-14))
    for (rule, threshold) in item.thresholds {
      let chosen = try curve.threshold(rule)
      #expect(chosen.threshold == threshold, "\(rule)")
      guard rule == .precisionRecall else { continue }
      #expect(isNear(chosen.precision, item.precision, within: 1e-15))
      #expect(isNear(chosen.recall, item.recall, within: 1e-15))
      let dice = 2 * item.precision * item.recall / (item.precision + item.recall)
      #expect(isNear(chosen.dice, dice, within: 1e-14))
    }
  }

  @Test("the order of scores, and counting them in parts, changes nothing", arguments: cases)
  func order(_ item: Case) throws {
    let curve = try ScoreCurve(scores: item.scores.span, truths: item.truths.span)
    let (scores, truths) = (Array(item.scores.reversed()), Array(item.truths.reversed()))
    #expect(try ScoreCurve(scores: scores.span, truths: truths.span) == curve)
    let cut = item.scores.count / 3
    let parts = try [0..<cut, cut..<item.scores.count].map { range in
      let (scores, truths) = (Array(item.scores[range]), Array(item.truths[range]))
      return try ScoreCurve(scores: scores.span, truths: truths.span)
    }
    #expect(ScoreCurve(pooling: parts) == curve)
    #expect(ScoreCurve(pooling: []).areaUnderROC == .undefined(.noScores))
  }

  @Test("labels that count as positive may be several")
  func regions() throws {
    let scores: [Float] = [0.9, 0.8, 0.1, 0.2]
    let labels: [UInt8] = [1, 2, 0, 3]
    let curve = try ScoreCurve(scores: scores.span, labels: labels.span, positives: [1, 2])
    #expect(curve.areaUnderROC == .value(1))
    #expect(try curve.threshold(.youden).threshold == Double(Float(0.8)))
    let one = try ScoreCurve(scores: scores.span, labels: labels.span, positives: [3])
    // One positive, above one of three negatives.
    #expect(one.areaUnderROC == .value(1.0 / 3))
  }

  @Test("among equally near points the highest threshold is chosen, by every rule")
  func ties() throws {
    // Points (TP, FP) of 2 positives and 2 negatives: (1, 0) (1, 1) (2, 1) (2, 2).
    let scores = [4.0, 3, 2, 1]
    let truths = [true, false, true, false]
    let curve = try ScoreCurve(scores: scores.span, truths: truths.span)
    // Youden: J = 1/2 at the first and the third. ROC: distance 1/2 at both.
    #expect(try curve.threshold(.youden).threshold == 4)
    #expect(try curve.threshold(.roc).threshold == 4)
    // P, R = (1, 1/2), (1/2, 1/2), (2/3, 1), (1/2, 1): the third alone is nearest.
    #expect(try curve.threshold(.precisionRecall).threshold == 2)
    // P, R = (1, 1/2) and, after three negatives, (1/2, 1): distance 1/2 at both.
    let even = try ScoreCurve(
      scores: [5.0, 4, 4, 4].span, truths: [true, true, false, false].span)
    #expect(even.points.map(\.threshold) == [5, 4])
    #expect(try even.threshold(.precisionRecall).threshold == 5)
  }

  @Test("what a curve cannot be made of is refused, or undefined with its reason")
  func gaps() throws {
    #expect(throws: CurveError.lengthsDiffer(scores: 1, truths: 2)) {
      try ScoreCurve(scores: [0.5].span, truths: [true, false].span)
    }
    for bad in [Double.nan, .infinity, -.infinity] {
      #expect(throws: CurveError.notFinite(index: 1)) {
        try ScoreCurve(scores: [0.5, bad].span, truths: [true, false].span)
      }
    }
    let noPositives = try ScoreCurve(scores: [0.5, 0.6].span, truths: [false, false].span)
    #expect(noPositives.areaUnderROC == .undefined(.noPositives))
    #expect(noPositives.averagePrecision == .undefined(.noPositives))
    #expect(noPositives.corners(of: .precisionRecall).isEmpty)
    for rule in ThresholdRule.allCases {
      #expect(throws: CurveError.noPositives(negatives: 2)) { try noPositives.threshold(rule) }
    }
    let noNegatives = try ScoreCurve(scores: [0.5, 0.6].span, truths: [true, true].span)
    #expect(noNegatives.areaUnderROC == .undefined(.noNegatives))
    #expect(noNegatives.averagePrecision == .value(1))
    #expect(try noNegatives.threshold(.precisionRecall).threshold == 0.5)
    #expect(throws: CurveError.noNegatives(positives: 2)) { try noNegatives.threshold(.youden) }
    let nothing: [Double] = []
    let empty = try ScoreCurve(scores: nothing.span, truths: [Bool]().span)
    #expect(empty.areaUnderROC == .undefined(.noScores))
    #expect(throws: CurveError.noPositives(negatives: 0)) { try empty.threshold(.roc) }
  }

  @Test("counts beyond what 64 bits can multiply keep their area")
  func manyScores() throws {
    var counts = [Int64](repeating: 0, count: 2 * ScoreHistogram.bins)
    counts[40_000] = 1 << 50
    counts[20_000] = 1 << 50
    counts[ScoreHistogram.bins + 20_000] = 1 << 50
    let curve = ScoreCurve(try ScoreHistogram(counts: counts))
    // Half of the positives above the negatives, half tied with them.
    #expect(curve.areaUnderROC == .value(0.75))
    #expect(try curve.threshold(.youden).recall == 0.5)
  }
}
