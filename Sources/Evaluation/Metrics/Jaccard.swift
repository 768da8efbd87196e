/// Jaccard index or intersection over union, TP / (TP + FP + FN), in 0...1 (1 - volumetric overlap error).
public enum Jaccard: OverlapMetric {
  /// `jaccard`.
  public static let name = "jaccard"
  /// The formula.
  public static let definition = "TP / (TP + FP + FN)"
  /// No overlap.
  public static let worst = 0.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.truePositives, counts.referenceVoxels + counts.falsePositives, otherwise: .bothEmpty)
  }
}
