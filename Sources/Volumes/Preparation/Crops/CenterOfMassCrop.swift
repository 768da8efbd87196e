/// `{kind: centerOfMass, shape: [160, 144, 128], channel: 0, above: 0}`: the box around the center of
/// mass of the voxels that are above a value in one channel, as Kayalibay et al. (2017) cut brains;
/// moved to lie within the image. Each such voxel counts alike.
public struct CenterOfMassCrop: Crop {
  /// "centerOfMass".
  public static let kind = "centerOfMass"

  /// The extents (D, H, W); nil keeps all of an axis.
  public var shape: [Int?]
  /// The channel looked at, from 0.
  public var channel: Int
  /// Voxels of that channel above this count.
  public var above: Float

  /// A box of `shape` around the center of what is above `above` in `channel`.
  public init(shape: [Int?], channel: Int = 0, above: Float = 0) {
    self.shape = shape
    self.channel = channel
    self.above = above
  }

  /// The whole grid.
  public init() { self.init(shape: [nil, nil, nil]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      shape: try container.decodeIfPresent([Int?].self, forKey: .shape)
        ?? CenterOfMassCrop().shape,
      channel: try container.decodeIfPresent(Int.self, forKey: .channel) ?? 0,
      above: try container.decodeIfPresent(Float.self, forKey: .above) ?? 0)
  }

  /// Refuses what are no extents or no channel.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(extents: shape, named: "preparation.crop.shape")
    guard channel >= 0 else {
      throw VolumeError(
        .setting, "preparation.crop.channel", "is \(channel), but channels count from 0")
    }
  }

  /// The box around the center of mass; around the image's middle where nothing is above.
  ///
  /// - Throws: ``VolumeError`` of kind `geometry` where the image has no such channel.
  public func box(in image: Volume) throws -> Box {
    guard channel < image.channels else {
      throw VolumeError(
        .geometry, "preparation.crop.channel",
        "is \(channel), but the image has \(image.channels), counted from 0; name one of them")
    }
    let extents = image.geometry.shape
    let span = image.voxels.span
    // Whole numbers, so that no order of summing matters.
    var sums = [0, 0, 0]
    var count = 0
    for d in 0..<extents[0] {
      for h in 0..<extents[1] {
        let row = ((channel * extents[0] + d) * extents[1] + h) * extents[2]
        var (inRow, places) = (0, 0)
        for w in 0..<extents[2] where span[row + w] > above {
          inRow += 1
          places += w
        }
        count += inRow
        sums[0] += d * inRow
        sums[1] += h * inRow
        sums[2] += places
      }
    }
    guard count > 0 else { return CenterCrop(shape: shape).box(in: image) }
    return Box(of: shape, around: sums.map { Double($0) / Double(count) }, in: extents)
  }
}
