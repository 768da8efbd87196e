/// Precision or positive predictive value, TP / (TP + FP), in 0...1; undefined for an empty prediction.
public enum Precision: OverlapMetric {
  /// `precision`.
  public static let name = "precision"
  /// The formula.
  public static let definition = "TP / (TP + FP)"
  /// Nothing predicted is right.
  public static let worst = 0.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.truePositives, counts.predictedVoxels, otherwise: counts.absence ?? .predictionEmpty)
  }
}
