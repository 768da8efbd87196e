public import CounterRandom

/// `{kind: motion}`: the patient moves while k-space is being filled: each stretch of lines along the
/// phase-encoding axis sees the patch at another place.
///
/// A place t voxels off multiplies line k by exp(-2πi·k·t/n). Places are relative to the one at which the
/// middle of k-space was seen, so that the picture stays on its labels; the magnitude is taken, the least
/// voxel of the channel counting as no signal. Source: Shaw et al., "MRI k-space motion artefact
/// augmentation", MIDL 2019, restricted to translations along the phase-encoding axis.
public struct Motion: IntensityAugmentation {
  /// "motion".
  public static let kind = "motion"

  /// The probability that a channel is changed (0.1).
  public var probability: Float
  /// The array axes among which the phase-encoding axis is drawn ([0, 1, 2]).
  public var axes: [Int]
  /// How often the patient moves (2).
  public var movements: Int
  /// The least and the largest distance moved at a time, either way, in voxels ([0, 4]).
  public var distance: [Float]

  /// A change with these ranges.
  public init(
    probability: Float, axes: [Int] = [0, 1, 2], movements: Int = 2, distance: [Float] = [0, 4]
  ) {
    self.probability = probability
    self.axes = axes
    self.movements = movements
    self.distance = distance
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.1) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Motion()
    probability = try container.decode(.probability, or: defaults.probability)
    axes = try container.decode(.axes, or: defaults.axes)
    movements = try container.decode(.movements, or: defaults.movements)
    distance = try container.decode(.distance, or: defaults.distance)
  }

  /// Up to 32 movements of up to 64 voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "motion.probability")
    try Volumes.validate(range: distance, within: 0...64, named: "motion.distance")
    try Volumes.validate(phaseAxes: axes, named: "motion.axes")
    guard (1...32).contains(movements) else {
      throw VolumeError(.setting, "motion.movements", "is \(movements), but must be from 1 to 32")
    }
  }

  /// Draws an axis and for each movement a time, a distance and a side.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let axis = axes[stream.integer(below: axes.count)]
      let moves = (0..<movements).map { _ -> (time: Float, distance: Float) in
        let time = stream.uniform()
        let distance = stream.uniform(in: self.distance)
        return (time, stream.uniform() < 0.5 ? -distance : distance)
      }
      let length = grid.size[axis]
      guard length > 1 else { return }
      let zero = PatchStatistics(of: patch.span, in: range).minimum
      LineOperator(Self.spectrum(length: length, moves: moves.sorted { $0.time < $1.time }))
        .apply(to: &patch, range, size: grid.size, axis: axis, offset: zero)
    }
  }

  /// What each line of k-space is multiplied by.
  static func spectrum(length: Int, moves: [(time: Float, distance: Float)]) -> PhaseSpectrum {
    /// Where the patient lies at a time from 0 to 1.
    func place(_ time: Double) -> Double {
      moves.reduce(0) { $0 + (Double($1.time) <= time ? Double($1.distance) : 0) }
    }
    let middle = place(0.5)
    return PhaseSpectrum(length: length) { line in
      let time = (Double(line) + Double(length / 2) + 0.5) / Double(length)
      return .turn(-Double(line) * (place(time) - middle) / Double(length))
    }
  }
}
