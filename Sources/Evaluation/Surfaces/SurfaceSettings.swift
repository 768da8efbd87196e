/// What the surface of a mask is; values of different families must never be compared.
public enum SurfaceFamily: String, Sendable, Hashable, Codable, CaseIterable {
  /// Voxels of the mask with a face neighbor outside of it, the outside of the grid included; every
  /// one weighs the same. What MedPy (connectivity 1) and MONAI measure.
  case voxel
  /// Corners of voxels around which the mask changes, weighed by the area (mm²) that marching
  /// cubes gives the surface there. What DeepMind's `surface-distance` measures.
  case surfel

  /// The family in a sentence, for reports.
  public var definition: String {
    switch self {
    case .voxel:
      "a surface is the mask's voxels with a face neighbor outside the mask (outside the grid "
        + "counts as outside); all weigh the same; distances between voxel centers"
    case .surfel:
      "a surface is the corners of the voxel grid whose 2x2x2 voxels are partly in the mask; each "
        + "weighs its area by marching cubes in mm2; distances between corners"
    }
  }
}

/// How surface distances are measured.
public struct SurfaceSettings: Sendable, Hashable {
  /// What a surface is.
  public let family: SurfaceFamily
  /// The tolerances (mm) of the normalized surface Dice, ascending; may be empty.
  public let tolerances: [Double]

  /// Settings.
  ///
  /// - Parameters:
  ///   - family: what a surface is.
  ///   - tolerances: in mm, in any order; those given twice count once.
  /// - Throws: ``EvaluationError`` for a tolerance that is negative or not finite.
  public init(
    family: SurfaceFamily = .voxel, tolerances: [Double] = [1, 2]
  ) throws(EvaluationError) {
    for tolerance in tolerances where !(tolerance >= 0 && tolerance.isFinite) {
      throw .badTolerance(tolerance)
    }
    self.family = family
    self.tolerances = Set(tolerances).sorted()
  }
}
