/// How a threshold is chosen from a curve. Choose on validation subjects only.
///
/// Points are weighed at every distinct score; of equally good ones, to twelve digits, the highest
/// threshold is taken.
public enum ThresholdRule: String, Sendable, Hashable, Codable, CaseIterable {
  /// The point of the precision-recall curve nearest to (1, 1): least (1 - P)^2 + (1 - R)^2
  /// (Deniz et al., 2018).
  case precisionRecall
  /// The greatest recall minus false-positive rate (Youden, Cancer 3, 1950).
  case youden
  /// The point of the ROC curve nearest to (0, 1).
  case roc

  /// The rule in words, for reports.
  public var definition: String {
    switch self {
    case .precisionRecall: "the point of the precision-recall curve nearest to (1, 1)"
    case .youden: "the greatest recall minus false-positive rate (Youden's J)"
    case .roc: "the point of the ROC curve nearest to (0, 1)"
    }
  }

  /// The curve that the rule looks at.
  public var curve: CurveKind { self == .precisionRecall ? .precisionRecall : .roc }
}

/// A threshold with what it does to the scores that it was chosen on.
public struct ChosenThreshold: Sendable, Equatable {
  /// The rule that chose it.
  public var rule: ThresholdRule
  /// Scores of at least this are called positive.
  public var threshold: Double
  /// TP / (TP + FP).
  public var precision: Double
  /// TP / positives.
  public var recall: Double
  /// FP / negatives; `nil` where there is no negative.
  public var falsePositiveRate: Double?
  /// 2 TP / (2 TP + FP + FN).
  public var dice: Double
}

extension ScoreCurve {
  /// The threshold that a rule chooses.
  ///
  /// - Throws: ``CurveError`` where the rule's curve does not exist: without positives and, for the
  ///   two rules of the ROC curve, without negatives.
  /// - Complexity: O(points).
  public func threshold(_ rule: ThresholdRule) throws(CurveError) -> ChosenThreshold {
    switch gap(of: rule.curve) {
    case .noPositives, .noScores: throw .noPositives(negatives: negatives)
    case .noNegatives: throw .noNegatives(positives: positives)
    case nil: break
    }
    guard var best = points.first else { throw .noPositives(negatives: negatives) }
    var least = cost(of: best, rule)
    for point in points.dropFirst() {
      let cost = cost(of: point, rule)
      // Thresholds descend, so the first of equals is the highest.
      if cost.isBelow(least) { (best, least) = (point, cost) }
    }
    return ChosenThreshold(
      rule: rule, threshold: best.threshold, precision: best.precision, recall: recall(of: best),
      falsePositiveRate: negatives == 0 ? nil : falsePositiveRate(of: best),
      dice: 2 * Double(best.truePositives)
        / Double(positives + best.truePositives + best.falsePositives))
  }

  /// What a rule makes least.
  private func cost(of point: OperatingPoint, _ rule: ThresholdRule) -> Cost {
    let missed = positives - point.truePositives
    switch rule {
    case .precisionRecall:
      let wrong =
        Double(point.falsePositives) / Double(point.truePositives + point.falsePositives)
      let lost = Double(missed) / Double(positives)
      return .distance(wrong * wrong + lost * lost)
    case .youden:
      // -J times positives times negatives, a whole number: ties are ties.
      return .count(
        Int128(point.falsePositives) * Int128(positives)
          - Int128(point.truePositives) * Int128(negatives))
    case .roc:
      let alarm = Double(point.falsePositives) / Double(negatives)
      let lost = Double(missed) / Double(positives)
      return .distance(alarm * alarm + lost * lost)
    }
  }

  private enum Cost {
    case count(Int128)
    case distance(Double)

    /// Whether it is less by more than rounding, which must not choose between equal distances.
    func isBelow(_ other: Cost) -> Bool {
      switch (self, other) {
      case (.count(let count), .count(let least)): count < least
      case (.distance(let distance), .distance(let least)): distance < least * (1 - 1e-12)
      default: preconditionFailure("one rule has one kind of cost")
      }
    }
  }
}
