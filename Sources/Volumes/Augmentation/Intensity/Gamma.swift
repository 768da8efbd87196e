public import CounterRandom

/// `{kind: gamma}`: raises intensities, brought to 0...1 by the channel's range in the patch, to a
/// power, and brings them back to that range.
public struct Gamma: IntensityAugmentation {
  /// "gamma".
  public static let kind = "gamma"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest exponent ([0.7, 1.5]).
  public var exponent: [Float]
  /// Whether dark and bright are exchanged while the power is taken (false).
  public var invert: Bool
  /// Whether mean and standard deviation of the channel are restored afterwards (false).
  public var retainStatistics: Bool

  /// A change with these ranges.
  public init(
    probability: Float, exponent: [Float] = [0.7, 1.5], invert: Bool = false,
    retainStatistics: Bool = false
  ) {
    self.probability = probability
    self.exponent = exponent
    self.invert = invert
    self.retainStatistics = retainStatistics
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Gamma()
    probability = try container.decode(.probability, or: defaults.probability)
    exponent = try container.decode(.exponent, or: defaults.exponent)
    invert = try container.decode(.invert, or: defaults.invert)
    retainStatistics = try container.decode(.retainStatistics, or: defaults.retainStatistics)
  }

  /// Exponents from 0.05 to 20.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "gamma.probability")
    try Volumes.validate(range: exponent, within: 0.05...20, named: "gamma.exponent")
  }

  /// Draws an exponent and bends; a constant channel stays as it is.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let exponent = stream.uniform(in: self.exponent)
      let before = PatchStatistics(of: patch.span, in: range)
      let (minimum, extent) = (before.minimum, before.maximum - before.minimum)
      guard extent > 0 else { return }
      // x goes to start + slope * ((x - zero) * scale)^exponent.
      let (zero, scale) =
        invert ? (before.maximum, -1 / extent) : (minimum, 1 / extent)
      let (start, slope) = invert ? (before.maximum, -extent) : (minimum, extent)
      patch.mapLanes(range) { _, lanes in power((lanes - zero) * scale, exponent) * slope + start }
      guard retainStatistics else { return }
      let after = PatchStatistics(of: patch.span, in: range)
      guard after.deviation > 0 else { return }
      let ratio = Float(before.deviation / after.deviation)
      let (mean, target) = (Float(after.mean), Float(before.mean))
      patch.mapLanes(range) { _, lanes in (lanes - mean) * ratio + target }
    }
  }
}
