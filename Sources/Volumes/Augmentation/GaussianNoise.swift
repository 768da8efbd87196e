public import CounterRandom

/// `{kind: noise}`: adds normal noise to each channel, its standard deviation drawn anew.
public struct GaussianNoise: IntensityAugmentation {
  /// "noise".
  public static let kind = "noise"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest standard deviation, in units of the prepared image ([0, 0.3]).
  public var deviation: [Float]

  /// Noise with these ranges.
  public init(probability: Float, deviation: [Float] = [0, 0.3]) {
    self.probability = probability
    self.deviation = deviation
  }

  /// Noise with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = GaussianNoise()
    probability =
      try container.decodeIfPresent(Float.self, forKey: .probability) ?? defaults.probability
    deviation =
      try container.decodeIfPresent([Float].self, forKey: .deviation) ?? defaults.deviation
  }

  /// Standard deviations from 0 to 1000.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "noise.probability")
    try Volumes.validate(range: deviation, within: 0...1000, named: "noise.deviation")
  }

  /// Draws and adds.
  public func apply(to patch: inout MutableSpan<Float>, channels: Int, stream: inout RandomStream) {
    forEachChannel(of: &patch, channels: channels, probability: probability, stream: &stream) {
      patch, range, stream in
      let deviation = stream.uniform(in: self.deviation)
      // A small buffer on the way: no allocation of the patch's size.
      var buffer = [512 of Float](repeating: 0)
      var start = range.lowerBound
      while start < range.upperBound {
        let count = min(buffer.count, range.upperBound - start)
        var draws = buffer.mutableSpan
        stream.fillNormal(&draws)
        for index in 0..<count { patch[start + index] += deviation * draws[index] }
        start += count
      }
    }
  }
}
