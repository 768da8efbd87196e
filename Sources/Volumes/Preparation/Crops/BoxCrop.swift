/// `{kind: box, origin: [0, 0, 0], shape: [null, null, null]}`: the voxels from `origin` on, `shape`
/// of them along each axis, as far as the image has them.
public struct BoxCrop: Crop {
  /// "box".
  public static let kind = "box"

  /// The first voxel (D, H, W).
  public var origin: [Int]
  /// The extents (D, H, W); nil goes to the axis' end.
  public var shape: [Int?]

  /// The box at `origin` of `shape`.
  public init(origin: [Int], shape: [Int?]) {
    self.origin = origin
    self.shape = shape
  }

  /// The whole grid.
  public init() { self.init(origin: [0, 0, 0], shape: [nil, nil, nil]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = BoxCrop()
    self.init(
      origin: try container.decodeIfPresent([Int].self, forKey: .origin) ?? usual.origin,
      shape: try container.decodeIfPresent([Int?].self, forKey: .shape) ?? usual.shape)
  }

  /// Refuses what is no box.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(extents: shape, named: "preparation.crop.shape")
    guard origin.count == 3, origin.allSatisfy({ $0 >= 0 }) else {
      throw VolumeError(
        .setting, "preparation.crop.origin", "is \(origin), but must be three places from 0 on")
    }
  }

  /// The box's part that lies within the image.
  ///
  /// - Throws: ``VolumeError`` of kind `geometry` where there is none.
  public func box(in image: Volume) throws -> Box {
    let extents = image.geometry.shape
    guard zip(origin, extents).allSatisfy({ $0 < $1 }) else {
      throw VolumeError(
        .geometry, "preparation.crop.origin",
        "is \(origin), beyond an image of \(extents) voxels; correct it, or leave the image out")
    }
    return Box(
      origin: origin,
      shape: (0..<3).map { min(shape[$0] ?? extents[$0], extents[$0] - origin[$0]) })
  }
}
