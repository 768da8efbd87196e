/// `{kind: zscore, region: image, percentiles: null}`: subtracts the mean, divides by the standard
/// deviation (of the population).
///
/// Both are those of a region's voxels; with `percentiles: [a, b]`, of those of them that lie between
/// these percentiles of the region. All voxels are rescaled, but with `region: nonZero` voxels that
/// are 0 stay 0. A channel that is constant over the region has no scale: it becomes 0.
public struct ZScore: Normalization {
  /// "zscore".
  public static let kind = "zscore"

  /// Which voxels decide (`image`).
  public var region: IntensityRegion
  /// Between which percentiles of the region they must lie; nil is all.
  public var percentiles: [Double]?

  /// A z-score over `region`, between `percentiles` of it.
  public init(region: IntensityRegion, percentiles: [Double]? = nil) {
    self.region = region
    self.percentiles = percentiles
  }

  /// A z-score over the whole image.
  public init() { self.init(region: .image) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      region: try container.decodeIfPresent(IntensityRegion.self, forKey: .region) ?? .image,
      percentiles: try container.decodeIfPresent([Double].self, forKey: .percentiles))
  }

  /// Refuses what are no percentiles.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    if let percentiles {
      try Volumes.validate(
        percentiles: percentiles, named: "preparation.normalization.percentiles")
    }
  }

  /// Rescales the voxels at `range` in place.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {
    var deciding = IntensityRange(region, of: voxels.span, in: range)
    if let percentiles {
      let bounds = deciding.percentiles(percentiles, of: voxels.span, in: range)
      guard bounds.count == 2 else { return }
      (deciding.low, deciding.high) = (Float(bounds[0]), Float(bounds[1]))
    }
    let (count, mean, deviation) = deciding.moments(of: voxels.span, in: range)
    guard count > 0 else { return }
    // Rounding of the mean alone leaves this much of a constant.
    let scale = deviation > 1e-12 * abs(mean) && deviation > 0 ? 1 / deviation : 0
    let keepsZero = region == .nonZero
    for index in range where !(keepsZero && voxels[index] == 0) {
      voxels[index] = Float((Double(voxels[index]) - mean) * scale)
    }
  }
}
