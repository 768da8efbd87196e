/// Relative volume error, (predicted - reference) / reference: -1 for a missed structure, 0 at best, without an upper bound.
public enum VolumeError: OverlapMetric {
  /// `volumeError`.
  public static let name = "volumeError"
  /// The formula.
  public static let definition = "(predicted - reference) / reference"
  /// Signed and without an upper bound: a structure that is not in the reference counts as a miss would.
  public static let worst = -1.0

  /// The value for one label's counts.
  public static func value(of counts: ConfusionCounts) -> MetricValue {
    .ratio(
      counts.predictedVoxels - counts.referenceVoxels, counts.referenceVoxels,
      otherwise: counts.absence ?? .referenceEmpty)
  }
}
