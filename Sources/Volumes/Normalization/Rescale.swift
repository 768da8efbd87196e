/// `{kind: rescale, percentiles: [0, 100], region: image, to: [0, 1], clips: true}`: a straight line
/// takes two percentiles of the channel to two values; what lies beyond is clipped to them.
///
/// The default takes the least and the largest intensity to 0 and 1. A channel whose percentiles are
/// equal has no scale: it becomes the lower value.
public struct Rescale: Normalization {
  /// "rescale".
  public static let kind = "rescale"

  /// The percentiles that become `to` ([0, 100]).
  public var percentiles: [Double]
  /// Of which voxels (`image`).
  public var region: IntensityRegion
  /// What they become ([0, 1]).
  public var to: [Float]
  /// Whether intensities beyond are brought to the nearer value (true).
  public var clips: Bool

  /// Takes `percentiles` of `region` to the values `to`.
  public init(
    percentiles: [Double] = [0, 100], region: IntensityRegion = .image, to: [Float] = [0, 1],
    clips: Bool = true
  ) {
    self.percentiles = percentiles
    self.region = region
    self.to = to
    self.clips = clips
  }

  /// Takes the least and the largest intensity to 0 and 1.
  public init() { self.init(percentiles: [0, 100]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = Rescale()
    self.init(
      percentiles: try container.decodeIfPresent([Double].self, forKey: .percentiles)
        ?? usual.percentiles,
      region: try container.decodeIfPresent(IntensityRegion.self, forKey: .region) ?? usual.region,
      to: try container.decodeIfPresent([Float].self, forKey: .to) ?? usual.to,
      clips: try container.decodeIfPresent(Bool.self, forKey: .clips) ?? usual.clips)
  }

  /// Refuses percentiles and values that are none.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(percentiles: percentiles, named: "preparation.normalization.percentiles")
    let largest = Float.greatestFiniteMagnitude / 4
    try Volumes.validate(
      range: to, within: -largest...largest, named: "preparation.normalization.to")
  }

  /// Rescales the voxels at `range` in place.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {
    let found = IntensityRange(region, of: voxels.span, in: range)
      .percentiles(percentiles, of: voxels.span, in: range)
    guard found.count == 2 else { return }
    let (low, high) = (Double(to[0]), Double(to[1]))
    let scale = found[1] > found[0] ? (high - low) / (found[1] - found[0]) : 0
    for index in range {
      let value = (Double(voxels[index]) - found[0]) * scale + low
      voxels[index] = Float(clips ? min(max(value, low), high) : value)
    }
  }
}
