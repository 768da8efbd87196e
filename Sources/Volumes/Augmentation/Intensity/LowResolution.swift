public import CounterRandom

/// `{kind: lowResolution}`: simulates a coarser scan: takes the nearest voxels of a coarser grid and
/// interpolates linearly between them, as nnU-Net does.
public struct LowResolution: IntensityAugmentation {
  /// "lowResolution".
  public static let kind = "lowResolution"

  /// The probability that a channel is changed (0.15).
  public var probability: Float
  /// The least and the largest part of the voxels along an axis that are left ([0.5, 1]).
  public var zoom: [Float]
  /// Whether one part is drawn for all axes, or one for each (true).
  public var isotropic: Bool

  /// A change with these ranges.
  public init(probability: Float, zoom: [Float] = [0.5, 1], isotropic: Bool = true) {
    self.probability = probability
    self.zoom = zoom
    self.isotropic = isotropic
  }

  /// A change with the default ranges.
  public init() { self.init(probability: 0.15) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = LowResolution()
    probability = try container.decode(.probability, or: defaults.probability)
    zoom = try container.decode(.zoom, or: defaults.zoom)
    isotropic = try container.decode(.isotropic, or: defaults.isotropic)
  }

  /// Parts from 0.05 to 1.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(probability: probability, named: "lowResolution.probability")
    try Volumes.validate(range: zoom, within: 0.05...1, named: "lowResolution.zoom")
  }

  /// Draws three parts and coarsens.
  public func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
  {
    forEachChannel(of: &patch, grid: grid, probability: probability, stream: &stream) {
      patch, range, stream in
      var zooms = (0..<3).map { _ in stream.uniform(in: zoom) }
      if isotropic { zooms = [zooms[0], zooms[0], zooms[0]] }
      for axis in 0..<3 {
        let length = grid.size[axis]
        let coarse = max(1, Int((Float(length) * zooms[axis]).rounded()))
        guard coarse < length else { continue }
        Self.coarsening(length: length, to: coarse)
          .apply(to: &patch, range, size: grid.size, axis: axis)
      }
    }
  }

  /// Lines of `length` voxels by way of `coarse` voxels: PyTorch's `interpolate` with
  /// `mode="nearest-exact"`, then with `mode="linear", align_corners=False`.
  static func coarsening(length: Int, to coarse: Int) -> LineOperator {
    // Twice the places, in whole numbers: the voxel of the fine grid that a coarse one takes.
    func source(_ place: Int) -> Int { (2 * place + 1) * length / (2 * coarse) }
    return LineOperator(length: length) { target in
      let place = max(0, (Double(target) + 0.5) * Double(coarse) / Double(length) - 0.5)
      let first = min(Int(place), coarse - 1)
      let share = Float(place - Double(first))
      return [(source(first), 1 - share), (source(min(first + 1, coarse - 1)), share)]
    }
  }
}
