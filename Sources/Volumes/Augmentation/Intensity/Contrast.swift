public import CounterRandom

/// `{kind: contrast}`: multiplies the distance of each voxel from the channel's mean by a factor, and
/// cuts what leaves the range that the patch had, as nnU-Net does.
public struct Contrast: IntensityAugmentation {
  /// "contrast".
  public static let kind = "contrast"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest factor ([0.75, 1.25]).
  public var factor: [Float]
  /// Whether voxels are cut at the range that the patch had (true).
  public var preserveRange: Bool

  /// A change with these ranges.
  public init(probability: Float, factor: [Float] = [0.75, 1.25], preserveRange: Bool = true) {
    self.probability = probability
    self.factor = factor
    self.preserveRange = preserveRange
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Contrast()
    probability = try container.decode(.probability, or: defaults.probability)
    factor = try container.decode(.factor, or: defaults.factor)
    preserveRange = try container.decode(.preserveRange, or: defaults.preserveRange)
  }

  /// Factors from 0 to 100.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "contrast.probability")
    try Volumes.validate(range: factor, within: 0...100, named: "contrast.factor")
  }

  /// Draws a factor and stretches.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let factor = stream.uniform(in: self.factor)
      let statistics = PatchStatistics(of: patch.span, in: range)
      let mean = Float(statistics.mean)
      let low = Lanes(repeating: preserveRange ? statistics.minimum : -.infinity)
      let high = Lanes(repeating: preserveRange ? statistics.maximum : .infinity)
      patch.mapLanes(range) { _, lanes in
        let stretched = (lanes - mean) * factor + mean
        return choose(
          isLess(stretched, low), low, choose(isLess(high, stretched), high, stretched))
      }
    }
  }
}
