public import CounterRandom

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// `{kind: gamma}`: raises intensities, brought to 0...1 by the channel's range in the patch, to a
/// power, and brings them back to that range.
public struct Gamma: IntensityAugmentation {
  /// "gamma".
  public static let kind = "gamma"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest exponent ([0.7, 1.5]).
  public var exponent: [Float]

  /// A change with these ranges.
  public init(probability: Float, exponent: [Float] = [0.7, 1.5]) {
    self.probability = probability
    self.exponent = exponent
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Gamma()
    probability =
      try container.decodeIfPresent(Float.self, forKey: .probability) ?? defaults.probability
    exponent = try container.decodeIfPresent([Float].self, forKey: .exponent) ?? defaults.exponent
  }

  /// Exponents from 0.05 to 20.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "gamma.probability")
    try Volumes.validate(range: exponent, within: 0.05...20, named: "gamma.exponent")
  }

  /// Draws and bends; a constant channel stays as it is.
  public func apply(to patch: inout MutableSpan<Float>, channels: Int, stream: inout RandomStream) {
    forEachChannel(of: &patch, channels: channels, probability: probability, stream: &stream) {
      patch, range, stream in
      let exponent = stream.uniform(in: self.exponent)
      let statistics = PatchStatistics(of: patch.span, in: range)
      let (minimum, extent) = (statistics.minimum, statistics.maximum - statistics.minimum)
      guard extent > 0 else { return }
      for index in range {
        patch[index] = minimum + extent * pow((patch[index] - minimum) / extent, exponent)
      }
    }
  }
}
