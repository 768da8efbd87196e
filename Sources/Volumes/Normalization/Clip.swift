/// `{kind: clip, values: null, percentiles: [0.5, 99.5], region: image}`: brings intensities outside
/// of two bounds to the nearer one.
///
/// The bounds are `values`, either of which may be `null`; without `values`, they are `percentiles` of
/// the channel's region.
public struct Clip: Normalization {
  /// "clip".
  public static let kind = "clip"

  /// The bounds as intensities of the file; nil bounds nothing, and without any the percentiles do.
  public var values: [Float?]?
  /// The bounds as percentiles ([0.5, 99.5]).
  public var percentiles: [Double]
  /// Of which voxels (`image`).
  public var region: IntensityRegion

  /// Clips at `values`, or else at `percentiles` of `region`.
  public init(
    values: [Float?]? = nil, percentiles: [Double] = [0.5, 99.5], region: IntensityRegion = .image
  ) {
    self.values = values
    self.percentiles = percentiles
    self.region = region
  }

  /// Clips at the percentiles 0.5 and 99.5.
  public init() { self.init(values: nil) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = Clip()
    self.init(
      values: try container.decodeIfPresent([Float?].self, forKey: .values),
      percentiles: try container.decodeIfPresent([Double].self, forKey: .percentiles)
        ?? usual.percentiles,
      region: try container.decodeIfPresent(IntensityRegion.self, forKey: .region) ?? usual.region)
  }

  /// Refuses bounds that are none.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(percentiles: percentiles, named: "preparation.normalization.percentiles")
    guard let values else { return }
    guard values.count == 2, !values.contains(where: { $0?.isNaN ?? false }),
      (values[0] ?? -.infinity) <= (values[1] ?? .infinity)
    else {
      let written = values.map { $0.map { "\($0)" } ?? "null" }.joined(separator: ", ")
      throw VolumeError(
        .setting, "preparation.normalization.values",
        "is [\(written)], but must be a lower and an upper bound, either of them null for none")
    }
  }

  /// Clips the voxels at `range` in place.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {
    let bounds: (low: Float, high: Float)
    if let values {
      bounds = (values[0] ?? -.infinity, values[1] ?? .infinity)
    } else {
      let found = IntensityRange(region, of: voxels.span, in: range)
        .percentiles(percentiles, of: voxels.span, in: range)
      guard found.count == 2 else { return }
      bounds = (Float(found[0]), Float(found[1]))
    }
    for index in range { voxels[index] = min(max(voxels[index], bounds.low), bounds.high) }
  }
}
