public import CounterRandom

/// `{kind: blur}`: smooths each channel with a Gaussian, as SciPy's `gaussian_filter` does: cut at four
/// standard deviations, the patch mirrored at its border.
public struct GaussianBlur: IntensityAugmentation {
  /// "blur".
  public static let kind = "blur"

  /// The probability that a channel is changed (0.2).
  public var probability: Float
  /// The least and the largest standard deviation along an axis, in voxels ([0.5, 1]).
  public var sigma: [Float]
  /// Whether one is drawn for all axes, or one for each (true).
  public var isotropic: Bool

  /// A change with these ranges.
  public init(probability: Float, sigma: [Float] = [0.5, 1], isotropic: Bool = true) {
    self.probability = probability
    self.sigma = sigma
    self.isotropic = isotropic
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.2) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = GaussianBlur()
    probability = try container.decode(.probability, or: defaults.probability)
    sigma = try container.decode(.sigma, or: defaults.sigma)
    isotropic = try container.decode(.isotropic, or: defaults.isotropic)
  }

  /// Standard deviations from 0 to 32 voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "blur.probability")
    try Volumes.validate(range: sigma, within: 0...32, named: "blur.sigma")
  }

  /// Draws three standard deviations and smooths.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      var sigmas = (0..<3).map { _ in stream.uniform(in: sigma) }
      if isotropic { sigmas = [sigmas[0], sigmas[0], sigmas[0]] }
      for axis in 0..<3 where grid.size[axis] > 1 && sigmas[axis] > 0 {
        Self.smoothing(length: grid.size[axis], sigma: Double(sigmas[axis]))
          .apply(to: &patch, range, size: grid.size, axis: axis)
      }
    }
  }

  /// The blur of lines of `length` voxels.
  static func smoothing(length: Int, sigma: Double) -> LineOperator {
    let radius = Int(4 * sigma + 0.5)
    var weights = (0...radius).map { gaussian(Double($0) / sigma) }
    let sum = 2 * weights.reduce(0, +) - weights[0]
    weights = weights.map { $0 / sum }
    return LineOperator(length: length) { target in
      (-radius...radius).map { step in
        // Mirrored about the outer faces, as often as needed.
        let place = ((target + step) % (2 * length) + 2 * length) % (2 * length)
        return (place < length ? place : 2 * length - 1 - place, Float(weights[abs(step)]))
      }
    }
  }
}
