/// How many voxels of one label two segmentations agree and disagree on.
///
/// Counts add: the counts of a volume are the sum of the counts of its slabs, in any order and in
/// any grouping, so that ranks may count apart and merge.
public struct ConfusionCounts: Sendable, Hashable, Codable {
  /// Voxels with the label in both.
  public var truePositives: Int
  /// Voxels with the label in the prediction only.
  public var falsePositives: Int
  /// Voxels with the label in the reference only.
  public var falseNegatives: Int
  /// Voxels with the label in neither.
  public var trueNegatives: Int

  /// Counts given one by one; all zero when left out.
  public init(
    truePositives: Int = 0, falsePositives: Int = 0, falseNegatives: Int = 0,
    trueNegatives: Int = 0
  ) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// Voxels that carry the label in the reference.
  public var referenceVoxels: Int { truePositives + falseNegatives }

  /// Voxels that carry the label in the prediction.
  public var predictedVoxels: Int { truePositives + falsePositives }

  /// Voxels compared.
  public var voxels: Int { referenceVoxels + falsePositives + trueNegatives }

  /// Adds the counts of another, disjoint set of voxels.
  public mutating func merge(_ other: ConfusionCounts) {
    truePositives += other.truePositives
    falsePositives += other.falsePositives
    falseNegatives += other.falseNegatives
    trueNegatives += other.trueNegatives
  }

  /// Which of the two segmentations is without the label, or `nil` when both have it.
  ///
  /// The metrics whose quotient would be 0/0 give this as their reason.
  public var absence: UndefinedReason? {
    switch (referenceVoxels == 0, predictedVoxels == 0) {
    case (true, true): .bothEmpty
    case (true, false): .referenceEmpty
    case (false, true): .predictionEmpty
    case (false, false): nil
    }
  }
}
