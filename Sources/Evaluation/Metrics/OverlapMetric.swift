/// A metric of the overlap of two segmentations, computed from one label's counts.
///
/// The rule for absent structures, the same for every metric of the catalogue: where the formula
/// is 0/0 the value is undefined, with the reason. With the label in neither segmentation every
/// overlap metric but specificity is undefined, which is nnU-Net's habit (it writes NaN). A
/// structure that was missed has Dice, Jaccard and recall 0 by the formula, never undefined.
/// Aggregates count the undefined values and say how many there were, by reason.
public protocol OverlapMetric: Sendable {
  /// The name in tables and configurations, for example `dice`.
  static var name: String { get }
  /// The formula in words, for reports.
  static var definition: String { get }
  /// The value that a segmentation at fault counts with in ``Aggregate/worstCaseMean``.
  static var worst: Double { get }
  /// The value for one label's counts.
  static func value(of counts: ConfusionCounts) -> MetricValue
}
