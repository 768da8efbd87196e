/// What a threshold does: everything with a score of at least the threshold is called positive.
public struct OperatingPoint: Sendable, Hashable {
  /// The threshold.
  public var threshold: Double
  /// Positives with a score of at least the threshold.
  public var truePositives: Int
  /// Negatives with a score of at least the threshold.
  public var falsePositives: Int

  /// A point given by its counts.
  public init(threshold: Double, truePositives: Int, falsePositives: Int) {
    self.threshold = threshold
    self.truePositives = truePositives
    self.falsePositives = falsePositives
  }

  /// TP / (TP + FP); a point of a curve has at least one of the two.
  public var precision: Double {
    Double(truePositives) / Double(truePositives + falsePositives)
  }
}

/// All that thresholds can do to one set of scores: the counts at every distinct score.
///
/// The receiver-operating and the precision-recall curve, the areas under them and the choice of a
/// threshold all follow from these counts, which are whole numbers: two curves of the same scores
/// are equal whatever the order in which the scores came. Definitions are scikit-learn's: equal
/// scores make one point, the area under the ROC curve is the trapezoid rule's, average precision
/// is the step sum.
public struct ScoreCurve: Sendable, Equatable {
  /// Scores of positives.
  public let positives: Int
  /// Scores of negatives.
  public let negatives: Int
  /// One point a distinct score, from the highest threshold to the lowest, where everything is
  /// called positive. The origin, where nothing is, is not among them.
  public let points: [OperatingPoint]

  /// The exact curve of `scores`.
  ///
  /// - Parameters:
  ///   - scores: any finite numbers; a higher one speaks for a positive.
  ///   - truths: whether each is of a positive, in the same order.
  /// - Throws: ``CurveError`` for unlike lengths and for a score that is not a finite number.
  /// - Complexity: O(n log n).
  public init<Score: BinaryFloatingPoint>(
    scores: Span<Score>, truths: Span<Bool>
  ) throws(CurveError) {
    guard scores.count == truths.count else {
      throw .lengthsDiffer(scores: scores.count, truths: truths.count)
    }
    var positive: [Score] = []
    var negative: [Score] = []
    for index in scores.indices {
      guard scores[index].isFinite else { throw .notFinite(index: index) }
      if truths[index] { positive.append(scores[index]) } else { negative.append(scores[index]) }
    }
    self.init(positive: &positive, negative: &negative)
  }

  /// The exact curve of one label's probabilities in a volume.
  ///
  /// - Parameters:
  ///   - scores: one score a voxel, any axis order.
  ///   - labels: the reference's labels, in the same order.
  ///   - positives: the labels that count as positive; several make a region.
  /// - Throws: ``CurveError`` for unlike lengths and for a score that is not a finite number.
  /// - Complexity: O(n log n).
  public init<Score: BinaryFloatingPoint>(
    scores: Span<Score>, labels: Span<UInt8>, positives: Set<UInt8>
  ) throws(CurveError) {
    guard scores.count == labels.count else {
      throw .lengthsDiffer(scores: scores.count, truths: labels.count)
    }
    let member = (0..<256).map { positives.contains(UInt8($0)) }
    let isPositive = member.span
    var positive: [Score] = []
    var negative: [Score] = []
    for index in scores.indices {
      guard scores[index].isFinite else { throw .notFinite(index: index) }
      if isPositive[Int(labels[index])] {
        positive.append(scores[index])
      } else {
        negative.append(scores[index])
      }
    }
    self.init(positive: &positive, negative: &negative)
  }

  /// The curve of the scores of several curves together.
  ///
  /// - Complexity: O(n log n) in the number of points.
  public init(pooling curves: [ScoreCurve]) {
    // Each point as what it adds to the one before; equal thresholds add up.
    var steps = curves.flatMap { curve in
      var before = OperatingPoint(threshold: .infinity, truePositives: 0, falsePositives: 0)
      return curve.points.map { point in
        defer { before = point }
        return OperatingPoint(
          threshold: point.threshold, truePositives: point.truePositives - before.truePositives,
          falsePositives: point.falsePositives - before.falsePositives)
      }
    }
    steps.sort { $0.threshold > $1.threshold }
    self.init(descendingSteps: steps)
  }

  /// A curve from what each threshold, in descending order, adds; equal ones may follow another.
  init(descendingSteps steps: [OperatingPoint]) {
    var points: [OperatingPoint] = []
    points.reserveCapacity(steps.count)
    var (truePositives, falsePositives) = (0, 0)
    for step in steps {
      truePositives += step.truePositives
      falsePositives += step.falsePositives
      let point = OperatingPoint(
        threshold: step.threshold, truePositives: truePositives, falsePositives: falsePositives)
      if points.last?.threshold == step.threshold {
        points[points.count - 1] = point
      } else {
        points.append(point)
      }
    }
    self.points = points
    positives = truePositives
    negatives = falsePositives
  }

  /// Sorts the two kinds of scores apart and walks down both together.
  private init<Score: BinaryFloatingPoint>(positive: inout [Score], negative: inout [Score]) {
    positive.sort(by: >)
    negative.sort(by: >)
    var points: [OperatingPoint] = []
    let (high, low) = (positive.span, negative.span)
    var (truePositives, falsePositives) = (0, 0)
    while truePositives < high.count || falsePositives < low.count {
      let threshold: Score
      if truePositives == high.count {
        threshold = low[falsePositives]
      } else if falsePositives == low.count {
        threshold = high[truePositives]
      } else {
        threshold = max(high[truePositives], low[falsePositives])
      }
      while truePositives < high.count, high[truePositives] == threshold { truePositives += 1 }
      while falsePositives < low.count, low[falsePositives] == threshold { falsePositives += 1 }
      points.append(
        OperatingPoint(
          threshold: Double(threshold), truePositives: truePositives,
          falsePositives: falsePositives))
    }
    self.points = points
    positives = truePositives
    negatives = falsePositives
  }

  /// TP / positives; zero where there is no positive.
  public func recall(of point: OperatingPoint) -> Double {
    positives == 0 ? 0 : Double(point.truePositives) / Double(positives)
  }

  /// FP / negatives; zero where there is no negative.
  public func falsePositiveRate(of point: OperatingPoint) -> Double {
    negatives == 0 ? 0 : Double(point.falsePositives) / Double(negatives)
  }

  /// Why the precision-recall curve, or the ROC curve, does not exist; `nil` where it does.
  public func gap(of kind: CurveKind) -> CurveGap? {
    switch (positives, negatives) {
    case (0, 0): .noScores
    case (0, _): .noPositives
    case (_, 0): kind == .roc ? .noNegatives : nil
    default: nil
    }
  }
}

/// The two curves that are drawn of scores.
public enum CurveKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Receiver operating characteristic: recall (the true-positive rate) against the false-positive
  /// rate.
  case roc
  /// Precision against recall.
  case precisionRecall

  /// What the abscissa is, for axes of figures.
  public var abscissa: String { self == .roc ? "false-positive rate" : "recall" }
  /// What the ordinate is, for axes of figures.
  public var ordinate: String { self == .roc ? "true-positive rate" : "precision" }
  /// What the area under the curve is called.
  public var areaName: String { self == .roc ? "AUC" : "AP" }
}
