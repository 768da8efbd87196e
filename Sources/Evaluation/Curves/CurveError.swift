/// What keeps scores from making a curve.
public enum CurveError: Error, Equatable, CustomStringConvertible {
  /// Scores and truths differ in number.
  case lengthsDiffer(scores: Int, truths: Int)
  /// A score that is not a finite number, by its place.
  case notFinite(index: Int)
  /// A score outside 0...1 where probabilities are counted, by its place.
  case notAProbability(index: Int, value: Double)
  /// No score is of a positive.
  case noPositives(negatives: Int)
  /// No score is of a negative.
  case noNegatives(positives: Int)
  /// Text or numbers that should be a histogram are not.
  case malformedHistogram(String)
  /// Prediction, reference and shape do not belong together.
  case shapesDiffer(prediction: Int, reference: Int, shape: [Int])
  /// An axis that the volume does not have.
  case noSuchAxis(Int)

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .lengthsDiffer(let scores, let truths):
      "There are \(scores) scores and \(truths) truths: give one truth a score, in the same order."
    case .notFinite(let index):
      "Score \(index) is not a finite number: a curve needs every score; predict again or leave "
        + "the subject out."
    case .notAProbability(let index, let value):
      "Score \(index) is \(value), and probabilities lie in 0...1: apply the softmax or sigmoid "
        + "first."
    case .noPositives(let negatives):
      "None of the \(negatives) scores is of a positive: there is nothing to find, and no "
        + "threshold to choose; take subjects that have the structure."
    case .noNegatives(let positives):
      "All \(positives) scores are of positives: there are no false positives to weigh; take "
        + "subjects with background."
    case .malformedHistogram(let reason):
      "This is not a histogram of scores: \(reason)."
    case .shapesDiffer(let prediction, let reference, let shape):
      "The prediction has \(prediction) voxels and the reference \(reference), and the shape is "
        + "\(shape): predict on the reference's grid before evaluating."
    case .noSuchAxis(let axis):
      "Axis \(axis) does not exist: the axes of a volume are 0 (D), 1 (H) and 2 (W)."
    }
  }
}

/// Why a curve or an area under it has no value.
public enum CurveGap: String, Sendable, Hashable, Codable, CaseIterable {
  /// There is no positive: recall would be 0/0.
  case noPositives
  /// There is no negative: the false-positive rate would be 0/0.
  case noNegatives
  /// There is neither.
  case noScores
}

/// A figure of a curve, or why there is none.
public enum CurveValue: Sendable, Hashable {
  /// The value.
  case value(Double)
  /// It would be 0/0.
  case undefined(CurveGap)

  /// The value, or `nil` where undefined.
  public var number: Double? {
    if case .value(let number) = self { number } else { nil }
  }

  /// The reason, or `nil` where there is a value.
  public var reason: CurveGap? {
    if case .undefined(let reason) = self { reason } else { nil }
  }
}
