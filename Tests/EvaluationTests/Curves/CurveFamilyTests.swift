import Evaluation
import Testing

@Suite struct CurveFamilyTests {
  static func fold(_ step: Int, _ values: Int) throws -> ScoreCurve {
    let scores = (0..<40).map { Double($0 * step % values) / Double(values - 1) }
    let truths = (0..<40).map { $0 * 3 % 8 < 3 }
    return try ScoreCurve(scores: scores.span, truths: truths.span)
  }

  static let places = [0, 0.1, 0.25, 0.5, 0.9, 1]

  // i = np.arange(40); y = i * 3 % 8 < 3; s = (i * 7 % 13) / 12 and (i * 5 % 11) / 10
  // fpr, tpr, _ = sklearn.metrics.roc_curve(y, s, drop_intermediate=False)
  // np.interp([0, .1, .25, .5, .9, 1], fpr, tpr), scikit-learn 1.9.1, NumPy 2.4.6
  // P, R, _ = precision_recall_curve(y, s): P at the highest threshold whose R reaches each place
  static let roc: [[Double]] = [
    [0, 0.26666666666666666, 0.26666666666666666, 0.6, 0.9444444444444444, 1],
    [0, 0.13333333333333333, 0.1388888888888889, 0.4666666666666667, 0.8, 1],
  ]
  static let precision: [[Double]] = [
    [2.0 / 3, 2.0 / 3, 2.0 / 3, 4.0 / 9, 0.42424242424242425, 0.375],
    [0.5, 0.5, 0.4, 0.34615384615384615, 0.375, 0.375],
  ]

  @Test("curves are read off at common abscissae as NumPy and scikit-learn do")
  func ordinates() throws {
    for (fold, expected) in zip([try Self.fold(7, 13), try Self.fold(5, 11)], [0, 1]) {
      let roc = fold.ordinates(of: .roc, at: Self.places)
      let precision = fold.ordinates(of: .precisionRecall, at: Self.places)
      #expect(isNear(roc, Self.roc[expected], within: 1e-14))
      #expect(isNear(precision, Self.precision[expected], within: 1e-14))
    }
  }

  @Test("on a vertical line of the ROC curve its upper end counts, at 0 too")
  func verticals() throws {
    let curve = try ScoreCurve(
      scores: [4.0, 3, 2, 1].span, truths: [true, true, false, true].span)
    let expected = [2.0 / 3, 2.0 / 3, 1]
    #expect(curve.ordinates(of: .roc, at: [0, 0.5, 1]) == expected)
  }

  @Test("a family has a mean curve with its spread, and names whom it leaves out")
  func family() throws {
    let empty = try ScoreCurve(scores: [0.5].span, truths: [false].span)
    let folds = [
      ("fold 0", try Self.fold(7, 13)), ("fold 1", try Self.fold(5, 11)), ("fold 2", empty),
    ]
    let family = CurveFamily(.roc, of: folds, abscissae: 3)
    let mean = try #require(family.mean)
    #expect(mean.count == 2)
    #expect(mean.abscissae == [0, 0.5, 1])
    // Of two values the sample standard deviation is their distance over sqrt(2).
    let (middle, other) = (0.6, 0.4666666666666667)
    #expect(isNear(mean.mean, [0, (middle + other) / 2, 1], within: 1e-15))
    let spread = (middle - other) / 2.0.squareRoot()
    #expect(isNear(mean.standardDeviation, [0, spread, 0], within: 1e-15))
    // roc_auc_score of both.
    let (first, second) = (0.5746666666666667, 0.45466666666666666)
    #expect(isNear(family.area.mean, (first + second) / 2, within: 1e-14))
    #expect(family.area.defined == 2)
    #expect(family.leftOut.map(\.name) == ["fold 2"])
    #expect(family.leftOut.map(\.reason) == [.noPositives])
    #expect(family.pooled.positives == 30 && family.pooled.negatives == 51)
    let single = CurveFamily(.precisionRecall, of: [folds[0]])
    #expect(single.mean?.standardDeviation == nil)
    #expect(single.mean?.mean.count == 1001)
    #expect(CurveFamily(.roc, of: [("fold 2", empty)]).mean == nil)
  }

  @Test("corners for drawing enclose the same area, with straight lines made one")
  func corners() throws {
    let curve = try Self.fold(7, 13)
    let roc = curve.corners(of: .roc)
    #expect(roc.first.map { [$0.x, $0.y] } == [0, 0])
    #expect(roc.last.map { [$0.x, $0.y] } == [1, 1])
    let area = zip(roc, roc.dropFirst()).reduce(0.0) {
      $0 + ($1.1.x - $1.0.x) * ($1.1.y + $1.0.y) / 2
    }
    #expect(isNear(curve.areaUnderROC.number, area, within: 1e-14))
    let steps = curve.corners(of: .precisionRecall)
    let average = zip(steps, steps.dropFirst()).reduce(0.0) { $0 + ($1.1.x - $1.0.x) * $1.1.y }
    #expect(isNear(curve.averagePrecision.number, average, within: 1e-14))
    let perfect = try ScoreCurve(
      scores: [5.0, 4, 3, 2, 1].span, truths: [true, true, false, false, false].span)
    #expect(perfect.corners(of: .roc).map { [$0.x, $0.y] } == [[0, 0], [0, 1], [1, 1]])
  }
}
