public import CounterRandom

/// `{kind: brightness}`: multiplies each channel by a factor.
public struct Brightness: IntensityAugmentation {
  /// "brightness".
  public static let kind = "brightness"

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
    let defaults = Brightness()
    probability =
      try container.decodeIfPresent(Float.self, forKey: .probability) ?? defaults.probability
    factor = try container.decodeIfPresent([Float].self, forKey: .factor) ?? defaults.factor
  }

  /// Factors from 0 to 100.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "brightness.probability")
    try Volumes.validate(range: factor, within: 0...100, named: "brightness.factor")
  }

  /// Draws and multiplies.
  public func apply(to patch: inout MutableSpan<Float>, channels: Int, stream: inout RandomStream) {
    forEachChannel(of: &patch, channels: channels, probability: probability, stream: &stream) {
      patch, range, stream in
      let factor = stream.uniform(in: self.factor)
      for index in range { patch[index] *= factor }
    }
  }
}
