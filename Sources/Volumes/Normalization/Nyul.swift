/// `{kind: nyul, percentiles: [1, 10, …, 90, 99], region: aboveMean, scale: [0, 100]}`: histograms of
/// all images are brought to one standard by a few landmarks (Nyúl and Udupa 1999; Nyúl, Udupa and
/// Zhang 2000).
///
/// The landmarks of an image are percentiles of its region. In training, those of each image are
/// taken linearly to `scale` (the first percentile to its lower end, the last to its upper one) and
/// their mean over the images is the standard. An image is brought there by straight lines between
/// its own landmarks and the standard's; beyond the first and the last one, the outer lines go on.
///
/// The standard belongs to the images that it was learned from. `landmarks` is `null` in a
/// configuration: each fold then learns it from its training subjects alone, and its checkpoints
/// carry it.
public struct Nyul: LearnedNormalization {
  /// "nyul".
  public static let kind = "nyul"

  /// The percentiles that are landmarks.
  public var percentiles: [Double]
  /// Of which voxels (`aboveMean`).
  public var region: IntensityRegion
  /// Between which values the standard lies ([0, 100]).
  public var scale: [Double]
  /// The standard, a list for each channel; nil until it is learned.
  public var landmarks: [[Double]]?

  /// Landmarks at `percentiles` of `region`, with a standard between the two numbers of `scale`.
  public init(
    percentiles: [Double] = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99],
    region: IntensityRegion = .aboveMean, scale: [Double] = [0, 100],
    landmarks: [[Double]]? = nil
  ) {
    self.percentiles = percentiles
    self.region = region
    self.scale = scale
    self.landmarks = landmarks
  }

  /// Landmarks at every tenth percentile, and at 1 and 99.
  public init() { self.init(landmarks: nil) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = Nyul()
    self.init(
      percentiles: try container.decodeIfPresent([Double].self, forKey: .percentiles)
        ?? usual.percentiles,
      region: try container.decodeIfPresent(IntensityRegion.self, forKey: .region) ?? usual.region,
      scale: try container.decodeIfPresent([Double].self, forKey: .scale) ?? usual.scale,
      landmarks: try container.decodeIfPresent([[Double]].self, forKey: .landmarks))
  }

  /// Refuses percentiles, scales and landmarks that are none.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    let name = "preparation.normalization"
    try Volumes.validate(percentiles: percentiles, count: nil, named: "\(name).percentiles")
    guard scale.count == 2, scale[0] < scale[1], scale.allSatisfy(\.isFinite) else {
      throw VolumeError(.setting, "\(name).scale", "is \(scale), but must be two ascending numbers")
    }
    for channel in landmarks ?? [] {
      guard channel.count == percentiles.count, channel.allSatisfy(\.isFinite),
        zip(channel, channel.dropFirst()).allSatisfy({ $0 <= $1 })
      else {
        throw VolumeError(
          .setting, "\(name).landmarks",
          "must hold \(percentiles.count) ascending numbers for each channel; leave it null, so that "
            + "each fold learns them")
      }
    }
  }

  /// The landmarks of one channel; empty where no voxel is in the region.
  public func measure(_ voxels: Span<Float>, in range: Range<Int>) -> [Double] {
    IntensityRange(region, of: voxels, in: range).percentiles(percentiles, of: voxels, in: range)
  }

  /// Whether the standard is known.
  public var isLearned: Bool { landmarks != nil }

  /// The rule with the standard of what ``measure(_:in:)`` found, `[subject][channel]`.
  public func learned(from measured: [[[Double]]]) -> Nyul {
    var result = self
    let channels = measured.first?.count ?? 0
    result.landmarks = (0..<channels).map { channel in
      var sums = [Double](repeating: 0, count: percentiles.count)
      var count = 0.0
      for subject in measured {
        let found = subject[channel]
        // An image without contrast says nothing about the standard.
        guard let low = found.first, let high = found.last, high > low else { continue }
        let slope = (scale[1] - scale[0]) / (high - low)
        for (index, value) in found.enumerated() { sums[index] += scale[0] + (value - low) * slope }
        count += 1
      }
      guard count > 0 else {
        // No contrast anywhere: the standard is the scale itself, evenly.
        let step = (scale[1] - scale[0]) / Double(percentiles.count - 1)
        return percentiles.indices.map { scale[0] + step * Double($0) }
      }
      return sums.map { $0 / count }
    }
    return result
  }

  /// Rescales the voxels at `range` in place; leaves them alone where the image has no contrast.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int) {
    guard let landmarks, channel < landmarks.count else {
      preconditionFailure("the standard is learned before it is applied, for every channel")
    }
    let found = measure(voxels.span, in: range)
    // Landmarks that coincide in the image would make a vertical line: the first of them stays.
    var from: [Double] = []
    var to: [Double] = []
    for (value, standard) in zip(found, landmarks[channel]) where value > from.last ?? -.infinity {
      from.append(value)
      to.append(standard)
    }
    guard from.count >= 2 else { return }
    let slopes = (1..<from.count).map { (end: Int) -> Double in
      (to[end] - to[end - 1]) / (from[end] - from[end - 1])
    }
    for index in range {
      let value = Double(voxels[index])
      var segment = 0
      while segment < slopes.count - 1 && value >= from[segment + 1] { segment += 1 }
      voxels[index] = Float(to[segment] + (value - from[segment]) * slopes[segment])
    }
  }
}
