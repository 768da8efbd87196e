public import CounterRandom

/// `{kind: noise}`: adds normal noise to each channel, its standard deviation drawn anew.
public struct GaussianNoise: IntensityAugmentation {
  /// "noise".
  public static let kind = "noise"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest standard deviation, in units of the prepared image ([0, 0.3]).
  public var deviation: [Float]

  /// A change with these ranges.
  public init(probability: Float, deviation: [Float] = [0, 0.3]) {
    self.probability = probability
    self.deviation = deviation
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = GaussianNoise()
    probability = try container.decode(.probability, or: defaults.probability)
    deviation = try container.decode(.deviation, or: defaults.deviation)
  }

  /// Standard deviations from 0 to 1000.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "noise.probability")
    try Volumes.validate(range: deviation, within: 0...1000, named: "noise.deviation")
  }

  /// Draws a standard deviation, and a number a voxel.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let deviation = stream.uniform(in: self.deviation)
      patch.mapLanes(range, withNormals: stream) { lanes, normals in lanes + normals * deviation }
    }
  }
}
