/// Volumetric overlap error, 1 - Jaccard, in 0...1, 0 at best (Heimann et al., IEEE TMI 28, 2009).
public enum VolumetricOverlapError: OverlapMetric {
  /// `voe`.
  public static let name = "voe"
  /// The formula.
  public static let definition = "(FP + FN) / (TP + FP + FN)"
  /// No overlap.
  public static let worst = 1.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.falsePositives + counts.falseNegatives,
      counts.referenceVoxels + counts.falsePositives, otherwise: .bothEmpty)
  }
}
