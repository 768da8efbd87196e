/// Recall or sensitivity, TP / (TP + FN), in 0...1; undefined for an empty reference.
public enum Recall: OverlapMetric {
  /// `recall`.
  public static let name = "recall"
  /// The formula.
  public static let definition = "TP / (TP + FN)"
  /// Nothing is found.
  public static let worst = 0.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.truePositives, counts.referenceVoxels, otherwise: counts.absence ?? .referenceEmpty)
  }
}
