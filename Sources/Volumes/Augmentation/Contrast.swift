public import CounterRandom

/// `{kind: contrast}`: multiplies the distance of each voxel from the channel's mean by a factor,
/// and cuts what leaves the range that the patch had (as nnU-Net does).
public struct Contrast: IntensityAugmentation {
  /// "contrast".
  public static let kind = "contrast"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest factor ([0.75, 1.25]).
  public var factor: [Float]

  /// A change with these ranges.
  public init(probability: Float, factor: [Float] = [0.75, 1.25]) {
    self.probability = probability
    self.factor = factor
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Contrast()
    probability =
      try container.decodeIfPresent(Float.self, forKey: .probability) ?? defaults.probability
    factor = try container.decodeIfPresent([Float].self, forKey: .factor) ?? defaults.factor
  }

  /// Factors from 0 to 100.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "contrast.probability")
    try Volumes.validate(range: factor, within: 0...100, named: "contrast.factor")
  }

  /// Draws and stretches.
  public func apply(to patch: inout MutableSpan<Float>, channels: Int, stream: inout RandomStream) {
    forEachChannel(of: &patch, channels: channels, probability: probability, stream: &stream) {
      patch, range, stream in
      let factor = stream.uniform(in: self.factor)
      let statistics = PatchStatistics(of: patch.span, in: range)
      let mean = Float(statistics.mean)
      for index in range {
        let stretched = mean + factor * (patch[index] - mean)
        patch[index] = min(max(stretched, statistics.minimum), statistics.maximum)
      }
    }
  }
}

/// The mean and the range of a channel of a patch.
struct PatchStatistics {
  var mean = 0.0
  var minimum = Float.infinity
  var maximum = -Float.infinity

  /// Of the voxels at `range`; the sum runs in Double, in order.
  init(of patch: Span<Float>, in range: Range<Int>) {
    var sum = 0.0
    for index in range {
      let value = patch[index]
      sum += Double(value)
      minimum = value < minimum ? value : minimum
      maximum = value > maximum ? value : maximum
    }
    mean = sum / Double(range.count)
  }
}
