/// `{kind: outlierZscore, maximum: null, percentile: 99.5, replacement: limit}`: a z-score that bright
/// outliers do not spoil.
///
/// With m the mean of the channel as it comes, voxels above the limit become the limit, or with
/// `replacement: mean` become m; then x becomes (x − m) / s, s being the standard deviation after the
/// replacement and m still the mean before it. The limit is the intensity `maximum`, or without it
/// the `percentile`.
///
/// This is the preparation of the knee networks at Imperial College, whose text says `mean` and whose
/// published code says `maximum: 0.01` and `limit`.
public struct OutlierZScore: Normalization {
  /// "outlierZscore".
  public static let kind = "outlierZscore"

  /// What outliers become.
  public enum Replacement: String, Codable, Sendable, CaseIterable {
    /// The limit.
    case limit
    /// The channel's mean before the replacement.
    case mean
  }

  /// Intensities above this are outliers; nil goes by `percentile`.
  public var maximum: Float?
  /// Intensities above this percentile are outliers, where there is no `maximum` (99.5).
  public var percentile: Double
  /// What outliers become (`limit`).
  public var replacement: Replacement

  /// A z-score after the replacement of what is above `maximum`, or above `percentile`.
  public init(
    maximum: Float? = nil, percentile: Double = 99.5, replacement: Replacement = .limit
  ) {
    self.maximum = maximum
    self.percentile = percentile
    self.replacement = replacement
  }

  /// A z-score after clipping at the percentile 99.5.
  public init() { self.init(maximum: nil) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = OutlierZScore()
    self.init(
      maximum: try container.decodeIfPresent(Float.self, forKey: .maximum),
      percentile: try container.decodeIfPresent(Double.self, forKey: .percentile)
        ?? usual.percentile,
      replacement: try container.decodeIfPresent(Replacement.self, forKey: .replacement)
        ?? usual.replacement)
  }

  /// Refuses what is no limit.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    guard (0...100).contains(percentile) else {
      throw VolumeError(
        .setting, "preparation.normalization.percentile",
        "is \(percentile), but must be from 0 to 100")
    }
    guard maximum?.isFinite ?? true else {
      throw VolumeError(
        .setting, "preparation.normalization.maximum", "must be a finite intensity, or null")
    }
  }

  /// Rescales the voxels at `range` in place.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {
    let all = IntensityRange()
    let mean = all.moments(of: voxels.span, in: range).mean
    let found = all.percentiles([percentile], of: voxels.span, in: range)
    guard let limit = maximum ?? found.first.map({ Float($0) }) else { return }
    let other = replacement == .limit ? limit : Float(mean)
    for index in range where voxels[index] > limit { voxels[index] = other }
    let after = all.moments(of: voxels.span, in: range)
    let scale =
      after.deviation > 1e-12 * abs(after.mean) && after.deviation > 0 ? 1 / after.deviation : 0
    for index in range { voxels[index] = Float((Double(voxels[index]) - mean) * scale) }
  }
}
