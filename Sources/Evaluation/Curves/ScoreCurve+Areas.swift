extension ScoreCurve {
  /// The area under the ROC curve by the trapezoid rule: the chance that a positive's score is
  /// above a negative's, ties counting half (scikit-learn's `roc_auc_score`).
  ///
  /// The sum is one of whole numbers, so its only rounding is that of one division.
  /// - Complexity: O(points).
  public var areaUnderROC: CurveValue {
    if let gap = gap(of: .roc) { return .undefined(gap) }
    // Counts below 2^63 multiply to less than 2^127, so twice the area fits.
    var doubled: UInt128 = 0
    var (truePositives, falsePositives) = (0, 0)
    for point in points {
      let width = UInt128(point.falsePositives - falsePositives)
      doubled += width * (UInt128(point.truePositives) + UInt128(truePositives))
      (truePositives, falsePositives) = (point.truePositives, point.falsePositives)
    }
    return .value(Double(doubled) / (2 * Double(positives) * Double(negatives)))
  }

  /// Average precision: the sum over points of what each adds to recall, times its precision
  /// (scikit-learn's `average_precision_score`). A step sum, not the trapezoid rule, which
  /// promises points between two thresholds that no threshold reaches.
  ///
  /// - Complexity: O(points).
  public var averagePrecision: CurveValue {
    if let gap = gap(of: .precisionRecall) { return .undefined(gap) }
    var sum = 0.0
    var truePositives = 0
    for point in points where point.truePositives > truePositives {
      sum += Double(point.truePositives - truePositives) * point.precision
      truePositives = point.truePositives
    }
    return .value(sum / Double(positives))
  }

  /// ``areaUnderROC`` or ``averagePrecision``.
  public func area(under kind: CurveKind) -> CurveValue {
    kind == .roc ? areaUnderROC : averagePrecision
  }

  /// The corners of a curve for drawing, by ascending abscissa; empty where it is undefined.
  ///
  /// The ROC curve begins at the origin and ends at (1, 1); corners on a straight line are left
  /// out. The precision-recall curve begins at recall 0 with the first point's precision, and is to
  /// be drawn as steps: each precision holds from the recall before to its own.
  /// - Complexity: O(points).
  public func corners(of kind: CurveKind) -> [(x: Double, y: Double)] {
    guard gap(of: kind) == nil, let first = points.first else { return [] }
    if kind == .precisionRecall {
      var reached = 0
      var corners = [(x: 0.0, y: first.precision)]
      for point in points where point.truePositives > reached {
        corners.append((recall(of: point), point.precision))
        reached = point.truePositives
      }
      return corners
    }
    var kept = [OperatingPoint(threshold: .infinity, truePositives: 0, falsePositives: 0)]
    for point in points {
      if kept.count > 1, Self.isStraight(kept[kept.count - 2], kept[kept.count - 1], point) {
        kept[kept.count - 1] = point
      } else {
        kept.append(point)
      }
    }
    return kept.map { (falsePositiveRate(of: $0), recall(of: $0)) }
  }

  private static func isStraight(
    _ first: OperatingPoint, _ second: OperatingPoint, _ third: OperatingPoint
  ) -> Bool {
    Int128(second.falsePositives - first.falsePositives)
      * Int128(third.truePositives - second.truePositives)
      == Int128(third.falsePositives - second.falsePositives)
      * Int128(second.truePositives - first.truePositives)
  }
}
