/// Specificity, TN / (TN + FP), in 0...1; it depends on how much background the volume shows.
public enum Specificity: OverlapMetric {
  /// `specificity`.
  public static let name = "specificity"
  /// The formula.
  public static let definition = "TN / (TN + FP)"
  /// All background is called structure.
  public static let worst = 0.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.trueNegatives, counts.trueNegatives + counts.falsePositives, otherwise: .noBackground)
  }
}
