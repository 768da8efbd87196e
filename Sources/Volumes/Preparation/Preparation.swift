/// How images and labels are brought to the grid and the scale on which networks see them.
///
/// The order is: orientation, crop, spacing or size, normalization.
public struct Preparation: Codable, Sendable, Equatable {
  /// The code of the array axes' directions ("RAS"). With "SRA", for instance, slices lie along the
  /// first axis, as patches `[1, h, w]` of two-dimensional networks want them.
  public var orientation: String
  /// The voxel size along the array axes after reorientation (mm); nil keeps each image's own.
  public var spacing: TargetSpacing?
  /// The extents along the array axes after reorientation and crop, whatever the voxel size becomes;
  /// nil, of all or of an axis, leaves that to ``spacing``.
  public var size: [Int?]?
  /// How images are interpolated (`linear`).
  public var interpolation: Interpolation
  /// How an axis with far longer voxels is interpolated (`joint`: like the others).
  public var coarseAxis: CoarseAxis
  /// How scores are interpolated on the way back to the grid of the file (`linear`).
  public var restore: Interpolation
  /// Which part is kept (`none`).
  public var crop: AnyCrop
  /// The rules for intensities (`{kind: zscore}`).
  public var normalization: NormalizationSteps
  /// The rule that is applied to each patch, after its augmentation, and to each tile
  /// (`{kind: none}`).
  public var patch: AnyNormalization

  private enum CodingKeys: String, CodingKey {
    case orientation, spacing, size, interpolation, coarseAxis, restore, crop, normalization, patch
  }

  /// A preparation with these settings.
  public init(
    orientation: String = "RAS", spacing: TargetSpacing? = nil, size: [Int?]? = nil,
    interpolation: Interpolation = .linear, coarseAxis: CoarseAxis = .joint,
    restore: Interpolation = .linear, crop: any Crop = NoCrop(),
    normalization: any Normalization = ZScore(), patch: any Normalization = NoNormalization()
  ) {
    self.orientation = orientation
    self.spacing = spacing
    self.size = size
    self.interpolation = interpolation
    self.coarseAxis = coarseAxis
    self.restore = restore
    self.crop = AnyCrop(crop)
    self.normalization = NormalizationSteps([normalization])
    self.patch = AnyNormalization(patch)
  }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let usual = Preparation()
    orientation =
      try container.decodeIfPresent(String.self, forKey: .orientation) ?? usual.orientation
    spacing = try container.decodeIfPresent(TargetSpacing.self, forKey: .spacing)
    size = try container.decodeIfPresent([Int?].self, forKey: .size)
    interpolation =
      try container.decodeIfPresent(Interpolation.self, forKey: .interpolation)
      ?? usual.interpolation
    coarseAxis =
      try container.decodeIfPresent(CoarseAxis.self, forKey: .coarseAxis) ?? usual.coarseAxis
    restore = try container.decodeIfPresent(Interpolation.self, forKey: .restore) ?? usual.restore
    crop = try container.decodeIfPresent(AnyCrop.self, forKey: .crop) ?? usual.crop
    normalization =
      try container.decodeIfPresent(NormalizationSteps.self, forKey: .normalization)
      ?? usual.normalization
    patch = try container.decodeIfPresent(AnyNormalization.self, forKey: .patch) ?? usual.patch
  }

  /// Writes every setting, `spacing: null` too.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(orientation, forKey: .orientation)
    try container.encode(spacing, forKey: .spacing)
    try container.encode(size, forKey: .size)
    try container.encode(interpolation, forKey: .interpolation)
    try container.encode(coarseAxis, forKey: .coarseAxis)
    try container.encode(restore, forKey: .restore)
    try container.encode(crop, forKey: .crop)
    try container.encode(normalization, forKey: .normalization)
    try container.encode(patch, forKey: .patch)
  }

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    _ = try Orientation(code: orientation)
    try spacing?.validate()
    if let size {
      try Volumes.validate(extents: size, named: "preparation.size")
      let fixed: [Double?] =
        switch spacing {
        case .fixed(let sizes): sizes
        case .median: [0, 0, 0]
        case nil: [nil, nil, nil]
        }
      if let axis = (0..<3).first(where: { size[$0] != nil && fixed[$0] != nil }) {
        throw VolumeError(
          .setting, "preparation.size",
          "sets axis \(axis), which preparation.spacing sets too; write null in one of them")
      }
    }
    try crop.value.validate()
    try normalization.validate()
    try PatchNormalization(patch.value).validate()
  }

  /// Whether images can be prepared: nothing is left to be measured or learned from a data set.
  public var isComplete: Bool { spacing != .median && normalization.unlearned == nil }
}
