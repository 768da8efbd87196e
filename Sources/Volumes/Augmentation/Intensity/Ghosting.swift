public import CounterRandom

/// `{kind: ghosting}`: ghosts along the phase-encoding axis, as breathing and pulsating blood make: every
/// n-th line of k-space is weakened, so that n faint copies lie a n-th of the patch apart.
///
/// Lines near the middle of k-space are kept. The least voxel of the channel counts as no signal. Source:
/// Axel et al., "Respiratory effects in two-dimensional Fourier transform MR imaging", Radiology 160,
/// 1986; the same model as TorchIO's.
public struct Ghosting: IntensityAugmentation {
  /// "ghosting".
  public static let kind = "ghosting"

  /// The probability that a channel is changed (0.1).
  public var probability: Float
  /// The array axes among which the phase-encoding axis is drawn ([0, 1, 2]).
  public var axes: [Int]
  /// The least and the largest number of ghosts ([2, 6]).
  public var count: [Int]
  /// The least and the largest part by which lines are weakened ([0.3, 0.8]).
  public var strength: [Float]
  /// The part of the lines, in the middle of k-space, that are kept (0.02).
  public var kept: Float

  /// A change with these ranges.
  public init(
    probability: Float, axes: [Int] = [0, 1, 2], count: [Int] = [2, 6],
    strength: [Float] = [0.3, 0.8], kept: Float = 0.02
  ) {
    self.probability = probability
    self.axes = axes
    self.count = count
    self.strength = strength
    self.kept = kept
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.1) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Ghosting()
    probability = try container.decode(.probability, or: defaults.probability)
    axes = try container.decode(.axes, or: defaults.axes)
    count = try container.decode(.count, or: defaults.count)
    strength = try container.decode(.strength, or: defaults.strength)
    kept = try container.decode(.kept, or: defaults.kept)
  }

  /// From 2 to 64 ghosts, parts from 0 to 1.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "ghosting.probability")
    try Volumes.validate(range: strength, within: 0...1, named: "ghosting.strength")
    try Volumes.validate(phaseAxes: axes, named: "ghosting.axes")
    try Volumes.validate(probability: kept, named: "ghosting.kept")
    guard count.count == 2, count[0] <= count[1], count.allSatisfy((2...64).contains) else {
      throw VolumeError(
        .setting, "ghosting.count", "is \(count), but must be two ascending numbers from 2 to 64")
    }
  }

  /// Draws an axis, a number and a strength.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let axis = axes[stream.integer(below: axes.count)]
      let count = self.count[0] + stream.integer(below: self.count[1] - self.count[0] + 1)
      let strength = Double(stream.uniform(in: self.strength))
      let length = grid.size[axis]
      guard length > 1 else { return }
      let zero = PatchStatistics(of: patch.span, in: range).minimum
      let spectrum = Self.spectrum(
        length: length, count: count, strength: strength, kept: Double(kept))
      LineOperator(spectrum).apply(to: &patch, range, size: grid.size, axis: axis, offset: zero)
    }
  }

  /// What each line of k-space is multiplied by.
  static func spectrum(
    length: Int, count: Int, strength: Double, kept: Double
  ) -> PhaseSpectrum {
    PhaseSpectrum(length: length) { line in
      let isKept = 2 * Double(abs(line)) <= kept * Double(length)
      return .real(line % count == 0 && !isKept ? 1 - strength : 1)
    }
  }
}
