/// What a NIfTI header says about where its voxels lie, said twice or thrice.
public struct NIfTIPlacement: Sendable, Equatable {
  /// What lengths are counted in.
  public enum Unit: String, Sendable {
    /// Not told.
    case unknown
    /// As the field's name says.
    case meters, millimeters, micrometers
  }

  /// The sform, where its code is positive.
  public let sform: Affine?
  /// The qform, where its code is positive and it is one.
  public let qform: Affine?
  /// The voxel sizes (pixdim) along the three axes, as they stand.
  public let voxelSizes: [Double]
  /// The unit of lengths (xyzt_units).
  public let unit: Unit
}

extension SourceHeader {
  /// What the header of a NIfTI file says about its place; nil for other formats.
  public var niftiPlacement: NIfTIPlacement? {
    guard format == NIfTIFormat().name, let header = NIfTIHeader(bytes) else { return nil }
    let units: [NIfTIPlacement.Unit] = [.unknown, .meters, .millimeters, .micrometers]
    // The low three bits are of length, the next of time.
    let code = (header.integer(.units) ?? 0) & 7
    return NIfTIPlacement(
      sform: header.real(.sformCode) > 0 ? header.sform : nil,
      qform: header.real(.qformCode) > 0 ? try? header.qform() : nil,
      voxelSizes: (1...3).map { header.real(.pixdim, $0) },
      unit: code < units.count ? units[code] : .unknown)
  }
}
