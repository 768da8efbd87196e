/// Dice similarity coefficient, 2 TP / (2 TP + FP + FN), in 0...1 (Dice, Ecology 26, 1945).
public enum Dice: OverlapMetric {
  /// `dice`.
  public static let name = "dice"
  /// The formula.
  public static let definition = "2 TP / (2 TP + FP + FN)"
  /// No overlap.
  public static let worst = 0.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      2 * counts.truePositives, counts.referenceVoxels + counts.predictedVoxels,
      otherwise: .bothEmpty)
  }
}
