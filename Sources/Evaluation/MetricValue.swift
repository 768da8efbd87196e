/// Why a metric has no value for a subject and label.
public enum UndefinedReason: String, Sendable, Hashable, Codable, CaseIterable {
  /// Neither segmentation has the label: there was nothing to find and nothing was found.
  case bothEmpty
  /// Only the prediction has the label: something was found that is not there.
  case referenceEmpty
  /// Only the reference has the label: the structure was missed altogether.
  case predictionEmpty
  /// Every voxel of the reference has the label: there is no background to judge by.
  case noBackground
  /// The quantity was not asked for when the subject was measured.
  case notMeasured

  /// Whether the segmentation is at fault. A fault must not vanish from a mean: aggregates count it
  /// as the metric's worst value in ``Aggregate/worstCaseMean``.
  public var isFault: Bool { self == .referenceEmpty || self == .predictionEmpty }
}

/// A metric's value for one subject and label, or why there is none.
public enum MetricValue: Sendable, Hashable {
  /// The value.
  case value(Double)
  /// There is none: the quotient would be 0/0, or a surface is missing.
  case undefined(UndefinedReason)

  /// The value, or `nil` where undefined.
  public var number: Double? {
    if case .value(let number) = self { number } else { nil }
  }

  /// The reason, or `nil` where there is a value.
  public var reason: UndefinedReason? {
    if case .undefined(let reason) = self { reason } else { nil }
  }

  /// `numerator / denominator`, undefined for `reason` when the denominator is zero.
  static func ratio(
    _ numerator: Int, _ denominator: Int, otherwise reason: UndefinedReason
  ) -> MetricValue {
    denominator == 0 ? .undefined(reason) : .value(Double(numerator) / Double(denominator))
  }
}
