/// Where the voxels of a patch come from: an affine map around the patch's center, of places that a
/// smooth field displaced.
///
/// The offset of an output voxel from the patch's center, in voxels, becomes the offset in the volume
/// that it takes its value from: `columns · (offset + displacement(offset)) + shift`. Each change
/// applies to what the changes before it made. The displacement alone always comes last: the patch's
/// own grid is bent, wherever in the list the change stands.
public struct PatchTransform: Sendable {
  /// The patch's extents (d, h, w).
  public let size: [Int]
  /// The voxel size along the array axes (mm).
  public let spacing: [Double]
  /// The map's columns in voxels: what one step along each output axis is in the volume.
  public private(set) var columns: [SIMD3<Double>]
  /// What the center is moved by, in voxels of the volume.
  public private(set) var shift = SIMD3<Double>.zero
  /// The fields by which places are displaced.
  public private(set) var displacements: [DisplacementField] = []

  /// The identity.
  public init(size: [Int], spacing: [Double]) {
    precondition(size.count == 3 && spacing.count == 3, "three axes")
    self.size = size
    self.spacing = spacing
    columns = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
  }

  /// Reverses the patch along array axis `axis`.
  public mutating func flip(_ axis: Int) { columns[axis] = -columns[axis] }

  /// Turns the array by quarters from axis `plane[0]` towards axis `plane[1]`, as NumPy's
  /// `rot90(patch, turns, axes=plane)`.
  ///
  /// Voxels stay voxels, so where they are no cubes the picture changes its shape.
  public mutating func rotate90(plane: [Int], turns: Int) {
    precondition(plane.count == 2 && plane[0] != plane[1], "a plane has two axes")
    for _ in 0..<((turns % 4) + 4) % 4 {
      let first = columns[plane[0]]
      columns[plane[0]] = -columns[plane[1]]
      columns[plane[1]] = first
    }
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
  }

  /// Moves the place that the patch is taken from by `offset` voxels along the output's axes.
  public mutating func translate(_ offset: SIMD3<Double>) {
    for axis in 0..<3 { shift += columns[axis] * offset[axis] }
  }

  /// Displaces the patch's places by `field`.
  public mutating func displace(by field: DisplacementField) { displacements.append(field) }

  /// Whether array axis `axis` of the patch is a single voxel, and changes leave it as it is.
  public func isFlat(_ axis: Int) -> Bool { size[axis] == 1 }

  /// Where voxels come from without interpolation: for each output axis the axis of the volume it
  /// runs along, and whether it runs backwards; nil where places between voxels are needed.
  public var permutation: [(axis: Int, isReversed: Bool)]? {
    guard displacements.isEmpty, shift == .zero else { return nil }
    var result: [(axis: Int, isReversed: Bool)] = []
    for column in columns {
      let axes = (0..<3).filter { column[$0] != 0 }
      guard axes.count == 1, abs(column[axes[0]]) == 1,
        !result.contains(where: { $0.axis == axes[0] })
      else { return nil }
      result.append((axes[0], column[axes[0]] < 0))
    }
    return result
  }
}
