/// Where the voxels of a patch come from: a linear map around the patch's center.
///
/// The offset of an output voxel from the patch's center, in voxels, is turned into the offset in
/// the volume that it takes its value from. Flips alone keep voxels on voxels, and are copied
/// without interpolation.
public struct PatchTransform: Sendable {
  /// The patch's extents (d, h, w).
  public let size: [Int]
  /// The voxel size along the array axes (mm).
  public let spacing: [Double]
  /// The map's columns in voxels: what one step along each output axis is in the volume.
  public private(set) var columns: [SIMD3<Double>]
  /// For each array axis, whether it is reversed; this is all, while ``isExact``.
  public private(set) var flips = [false, false, false]
  /// Whether the map consists of reversals only.
  public private(set) var isExact = true

  /// The identity.
  public init(size: [Int], spacing: [Double]) {
    precondition(size.count == 3 && spacing.count == 3, "three axes")
    self.size = size
    self.spacing = spacing
    columns = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
  }

  /// Reverses the patch along array axis `axis`.
  public mutating func flip(_ axis: Int) {
    flips[axis].toggle()
    columns[axis] = -columns[axis]
  }

  /// Puts a linear map of space before what there is: `map` gives its columns, that is, what one
  /// millimeter along each output axis is in the volume, in millimeters.
  ///
  /// In millimeters a rotation stays one where voxels are no cubes.
  public mutating func compose(_ map: [SIMD3<Double>]) {
    precondition(map.count == 3, "a linear map has three columns")
    let size = SIMD3(spacing[0], spacing[1], spacing[2])
    let before = columns
    columns = (0..<3).map { axis in
      let step = map[axis] * spacing[axis] / size
      return before[0] * step[0] + before[1] * step[1] + before[2] * step[2]
    }
    isExact = false
  }
}
