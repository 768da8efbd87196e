/// `{kind: center, shape: [160, 288, 288]}`: the middle of the image; the odd voxel stays at the
/// end. Axes that are `null`, or shorter than that, are kept whole.
public struct CenterCrop: Crop {
  /// "center".
  public static let kind = "center"

  /// The extents (D, H, W); nil keeps all of an axis.
  public var shape: [Int?]

  /// The middle `shape` voxels.
  public init(shape: [Int?]) { self.shape = shape }

  /// The whole grid.
  public init() { self.init(shape: [nil, nil, nil]) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      shape: try container.decodeIfPresent([Int?].self, forKey: .shape) ?? CenterCrop().shape)
  }

  /// Refuses what are no extents.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    try Volumes.validate(extents: shape, named: "preparation.crop.shape")
  }

  /// The box in the middle.
  public func box(in image: Volume) -> Box {
    let extents = image.geometry.shape
    return Box(centered: (0..<3).map { min(shape[$0] ?? extents[$0], extents[$0]) }, in: extents)
  }
}

/// `{kind: slices, axis: 2, count: 48}`: the central slices along one axis, as Deniz et al. (2018)
/// keep 48 of 60 coronal ones; the odd slice stays at the end.
public struct SlicesCrop: Crop {
  /// "slices".
  public static let kind = "slices"

  /// The axis, 0 (D) to 2 (W), that the slices follow each other along.
  public var axis: Int
  /// How many are kept; nil, or more than there are: all.
  public var count: Int?

  /// The central `count` slices along `axis`.
  public init(axis: Int, count: Int?) {
    self.axis = axis
    self.count = count
  }

  /// All slices.
  public init() { self.init(axis: 0, count: nil) }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      axis: try container.decodeIfPresent(Int.self, forKey: .axis) ?? 0,
      count: try container.decodeIfPresent(Int.self, forKey: .count))
  }

  /// Refuses what is no axis or no count.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    guard (0...2).contains(axis) else {
      throw VolumeError(.setting, "preparation.crop.axis", "is \(axis), but must be 0, 1 or 2")
    }
    guard (count ?? 1) >= 1 else {
      throw VolumeError(
        .setting, "preparation.crop.count", "is \(count ?? 0), but must be positive, or null")
    }
  }

  /// The box of the central slices.
  public func box(in image: Volume) -> Box {
    var kept: [Int?] = [nil, nil, nil]
    kept[axis] = count
    return CenterCrop(shape: kept).box(in: image)
  }
}
