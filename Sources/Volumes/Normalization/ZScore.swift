/// `{kind: zscore}`: subtracts the mean, divides by the standard deviation (of the population).
///
/// With `region: nonZero`, both are those of the voxels that are not 0, and voxels that are 0 stay 0.
/// A channel that is constant over the region has no scale: it becomes 0.
public struct ZScore: Normalization {
  /// "zscore".
  public static let kind = "zscore"

  /// Which voxels decide.
  public enum Region: String, Codable, Sendable {
    /// All.
    case image
    /// Those that are not 0.
    case nonZero
  }

  /// Which voxels decide and are changed (`image`).
  public var region: Region

  /// A z-score over `region`.
  public init(region: Region) { self.region = region }

  /// A z-score over the whole image.
  public init() { self.init(region: .image) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(region: try container.decodeIfPresent(Region.self, forKey: .region) ?? .image)
  }

  /// Every setting is valid.
  public func validate() {}

  /// Rescales the voxels at `range` in place; the sums run in Double, in order.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>) {
    let all = region == .image
    var count = 0
    var sum = 0.0
    for index in range where all || voxels[index] != 0 {
      count += 1
      sum += Double(voxels[index])
    }
    guard count > 0 else { return }
    let mean = sum / Double(count)
    var squares = 0.0
    for index in range where all || voxels[index] != 0 {
      let difference = Double(voxels[index]) - mean
      squares += difference * difference
    }
    let deviation = (squares / Double(count)).squareRoot()
    // Rounding of the mean alone leaves this much of a constant.
    let scale = deviation > 1e-12 * abs(mean) && deviation > 0 ? 1 / deviation : 0
    for index in range where all || voxels[index] != 0 {
      voxels[index] = Float((Double(voxels[index]) - mean) * scale)
    }
  }
}

/// `{kind: none}`: intensities stay as the file has them.
public struct NoNormalization: Normalization {
  /// "none".
  public static let kind = "none"

  /// The rule; it has no settings.
  public init() {}

  /// There is nothing to refuse.
  public func validate() {}

  /// Leaves the voxels alone.
  public func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>) {}
}
