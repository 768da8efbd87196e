public import CounterRandom

/// `{kind: foldOver}`: the field of view is smaller than the body along the phase-encoding axis: what lies
/// beyond one side appears on the other, over what is there.
///
/// The field of view is a part of the patch, in its middle; the patch itself stays whole, so that labels
/// stay true: y(i) = x(i) + strength · (x(i - n) + x(i + n)), where n is the length of the field of view
/// and the least voxel of the channel counts as no signal. Fold-over was among the failures that Deniz et
/// al. report ("Segmentation of the proximal femur from MR images using deep convolutional neural
/// networks", Scientific Reports 8, 2018).
public struct FoldOver: IntensityAugmentation {
  /// "foldOver".
  public static let kind = "foldOver"

  /// The probability that a channel is changed (0.1).
  public var probability: Float
  /// The array axes among which the phase-encoding axis is drawn ([0, 1, 2]).
  public var axes: [Int]
  /// The least and the largest part of the patch that lies beyond the field of view ([0.1, 0.4]).
  public var overlap: [Float]
  /// The least and the largest strength of what is folded over ([0.3, 1]).
  public var strength: [Float]

  /// A change with these ranges.
  public init(
    probability: Float, axes: [Int] = [0, 1, 2], overlap: [Float] = [0.1, 0.4],
    strength: [Float] = [0.3, 1]
  ) {
    self.probability = probability
    self.axes = axes
    self.overlap = overlap
    self.strength = strength
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.1) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = FoldOver()
    probability = try container.decode(.probability, or: defaults.probability)
    axes = try container.decode(.axes, or: defaults.axes)
    overlap = try container.decode(.overlap, or: defaults.overlap)
    strength = try container.decode(.strength, or: defaults.strength)
  }

  /// Overlaps from 0 to 0.5, strengths from 0 to 1.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "foldOver.probability")
    try Volumes.validate(range: overlap, within: 0...0.5, named: "foldOver.overlap")
    try Volumes.validate(range: strength, within: 0...1, named: "foldOver.strength")
    try Volumes.validate(phaseAxes: axes, named: "foldOver.axes")
  }

  /// Draws an axis, an overlap and a strength.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      let axis = axes[stream.integer(below: axes.count)]
      let overlap = stream.uniform(in: self.overlap)
      let strength = stream.uniform(in: self.strength)
      let length = grid.size[axis]
      let hidden = Int((Float(length) * overlap).rounded())
      guard hidden > 0, hidden < length else { return }
      let zero = PatchStatistics(of: patch.span, in: range).minimum
      Self.folding(length: length, field: length - hidden, strength: strength)
        .apply(to: &patch, range, size: grid.size, axis: axis, offset: zero)
    }
  }

  /// Folds lines of `length` voxels at a field of view of `field` voxels.
  static func folding(length: Int, field: Int, strength: Float) -> LineOperator {
    LineOperator(length: length) { target in
      var taps: [(source: Int, weight: Float)] = [(target, 1)]
      if target >= field { taps.append((target - field, strength)) }
      if target + field < length { taps.append((target + field, strength)) }
      return taps
    }
  }
}
