public import CounterRandom

/// `{kind: brightness}`: multiplies each channel by a factor and adds a number.
public struct Brightness: IntensityAugmentation {
  /// "brightness".
  public static let kind = "brightness"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest factor ([0.75, 1.25]).
  public var factor: [Float]
  /// The least and the largest number added, in units of the prepared image ([0, 0]).
  public var shift: [Float]

  /// A change with these ranges.
  public init(probability: Float, factor: [Float] = [0.75, 1.25], shift: [Float] = [0, 0]) {
    self.probability = probability
    self.factor = factor
    self.shift = shift
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Brightness()
    probability = try container.decode(.probability, or: defaults.probability)
    factor = try container.decode(.factor, or: defaults.factor)
    shift = try container.decode(.shift, or: defaults.shift)
  }

  /// Factors from 0 to 100, numbers from -1000 to 1000.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "brightness.probability")
    try Volumes.validate(range: factor, within: 0...100, named: "brightness.factor")
    try Volumes.validate(range: shift, within: -1000...1000, named: "brightness.shift")
  }

  /// Draws a factor and a number.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let factor = stream.uniform(in: self.factor)
      let shift = stream.uniform(in: self.shift)
      patch.mapLanes(range) { _, lanes in lanes * factor + shift }
    }
  }
}
