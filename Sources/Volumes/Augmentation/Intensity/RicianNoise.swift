public import CounterRandom

/// `{kind: ricianNoise}`: noise as it is in magnitude images of magnetic resonance: normal in the real
/// and the imaginary part, so that dark regions grow brighter.
///
/// The least voxel of the channel in the patch counts as no signal. Source: Gudbjartsson and Patz, "The
/// Rician distribution of noisy MRI data", Magnetic Resonance in Medicine 34, 1995.
public struct RicianNoise: IntensityAugmentation {
  /// "ricianNoise".
  public static let kind = "ricianNoise"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest standard deviation of either part, in units of the prepared image
  /// ([0, 0.3]).
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
    let defaults = RicianNoise()
    probability = try container.decode(.probability, or: defaults.probability)
    deviation = try container.decode(.deviation, or: defaults.deviation)
  }

  /// Standard deviations from 0 to 1000.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "ricianNoise.probability")
    try Volumes.validate(range: deviation, within: 0...1000, named: "ricianNoise.deviation")
  }

  /// Draws a standard deviation, and two numbers a voxel.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let deviation = stream.uniform(in: self.deviation)
      let real = RandomStream(seed: stream.next(), "real")
      let imaginary = RandomStream(seed: stream.next(), "imaginary")
      let zero = PatchStatistics(of: patch.span, in: range).minimum
      patch.mapLanes(range, withNormals: real) { lanes, normals in
        lanes - zero + normals * deviation
      }
      patch.mapLanes(range, withNormals: imaginary) { lanes, normals in
        let other = normals * deviation
        return squareRoot(lanes * lanes + other * other) + zero
      }
    }
  }
}
