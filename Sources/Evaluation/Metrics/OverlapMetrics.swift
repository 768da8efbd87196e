/// The overlap metrics, in the order of the tables' columns.
///
/// Add a metric: one file in this folder, one line here.
public enum OverlapMetrics {
  /// All of them.
  public static let catalogue: [any OverlapMetric.Type] = [
    Dice.self,
    Jaccard.self,
    VolumetricOverlapError.self,
    Precision.self,
    Recall.self,
    Specificity.self,
    VolumeError.self,
  ]

  /// The metric of that name, if there is one.
  public static func named(_ name: String) -> (any OverlapMetric.Type)? {
    catalogue.first { $0.name == name }
  }
}
