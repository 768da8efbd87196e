/// `{kind: nonZero, margin: 0}`: the smallest box that holds every voxel that is not 0 in some
/// channel, and `margin` voxels around it as far as there are.
public struct NonZeroCrop: Crop {
  /// "nonZero".
  public static let kind = "nonZero"

  /// Voxels kept around the box (0).
  public var margin: Int

  /// The box with a margin.
  public init(margin: Int) { self.margin = margin }

  /// The box alone.
  public init() { self.init(margin: 0) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(margin: try container.decodeIfPresent(Int.self, forKey: .margin) ?? 0)
  }

  /// Refuses a margin that is negative or beyond any grid.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    guard (0...65536).contains(margin) else {
      throw VolumeError(
        .setting, "preparation.crop.margin", "is \(margin), but must be from 0 to 65536 voxels")
    }
  }

  /// The box; the whole grid where all voxels are 0.
  public func box(in image: Volume) -> Box {
    let (inner, shape) = (image.nonZeroBox, image.geometry.shape)
    let low = inner.origin.map { max(0, $0 - margin) }
    let high = (0..<3).map { min(shape[$0], inner.origin[$0] + inner.shape[$0] + margin) }
    return Box(origin: low, shape: zip(low, high).map { $1 - $0 })
  }
}
