/// How images and labels are brought to the grid and the scale on which networks see them.
///
/// The order is: orientation, crop, spacing, normalization.
public struct Preparation: Codable, Sendable, Equatable {
  /// Which part of the image is kept.
  public enum Crop: String, Codable, Sendable {
    /// All.
    case none
    /// The smallest box that holds every voxel that is not 0 in some channel.
    case nonZero
  }

  /// The code of the array axes' directions ("RAS"). With "SRA", for instance, slices lie along the
  /// first axis, as patches `[1, h, w]` of two-dimensional networks want them.
  public var orientation: String
  /// The voxel size along the array axes after reorientation (mm); nil keeps each image's own.
  public var spacing: [Double]?
  /// Which part is kept (`none`).
  public var crop: Crop
  /// The rule for intensities (`{kind: zscore}`).
  public var normalization: AnyNormalization

  private enum CodingKeys: String, CodingKey { case orientation, spacing, crop, normalization }

  /// A preparation with these settings.
  public init(
    orientation: String = "RAS", spacing: [Double]? = nil, crop: Crop = .none,
    normalization: any Normalization = ZScore()
  ) {
    self.orientation = orientation
    self.spacing = spacing
    self.crop = crop
    self.normalization = AnyNormalization(normalization)
  }

  /// Reads the settings; absent ones have their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let defaults = Preparation()
    orientation =
      try container.decodeIfPresent(String.self, forKey: .orientation) ?? defaults.orientation
    spacing = try container.decodeIfPresent([Double].self, forKey: .spacing)
    crop = try container.decodeIfPresent(Crop.self, forKey: .crop) ?? defaults.crop
    normalization =
      try container.decodeIfPresent(AnyNormalization.self, forKey: .normalization)
      ?? defaults.normalization
  }

  /// Writes every setting, `spacing: null` too.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(orientation, forKey: .orientation)
    try container.encode(spacing, forKey: .spacing)
    try container.encode(crop, forKey: .crop)
    try container.encode(normalization, forKey: .normalization)
  }

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  public func validate() throws {
    _ = try Orientation(code: orientation)
    if let spacing, spacing.count != 3 || !spacing.allSatisfy({ $0 > 0 && $0.isFinite }) {
      throw VolumeError(
        .setting, "preparation.spacing", "is \(spacing), but must be three positive sizes in mm")
    }
    try normalization.value.validate()
  }

  /// The image as the network sees it, and the record that brings results back.
  ///
  /// - Throws: ``VolumeError`` for settings that make no sense, or a spacing so fine that the grid
  ///   would be huge.
  public func prepare(_ image: Volume) throws -> (image: Volume, grid: PreparedGrid) {
    try validate()
    let oriented = image.oriented(to: try Orientation(code: orientation))
    let box = crop == .nonZero ? oriented.nonZeroBox : Box(whole: oriented.geometry.shape)
    let cropped = oriented.cropped(to: box)
    let target = spacing.map(cropped.geometry.shape(atSpacing:)) ?? box.shape
    let (rows, overflow) = target[0].multipliedReportingOverflow(by: target[1])
    let (count, overflow2) = rows.multipliedReportingOverflow(by: target[2])
    guard !overflow, !overflow2, count <= NIfTIFormat.maximumCount / image.channels else {
      throw VolumeError(
        .setting, "preparation.spacing",
        "makes \(target.map(String.init).joined(separator: "x")) voxels of an image of spacing "
          + "\(cropped.geometry.spacing) mm; choose a coarser one, or mend that file's spacing")
    }
    let resampled = cropped.resampled(to: target)
    let grid = PreparedGrid(
      original: image.geometry, source: image.source, oriented: oriented.geometry, box: box,
      prepared: resampled.geometry)
    return (resampled.normalized(by: normalization.value), grid)
  }

  /// The labels on the grid of their prepared image.
  ///
  /// - Throws: ``VolumeError`` of kind `geometry` where their grid is not the image's: another
  ///   shape, or a corner more than a tenth of a voxel away.
  public func prepare(_ labels: LabelVolume, on grid: PreparedGrid) throws -> LabelVolume {
    let name = "the label's grid"
    guard let distance = labels.geometry.cornerDisagreement(with: grid.original) else {
      throw VolumeError(
        .geometry, name,
        "has shape \(labels.shape), the image's \(grid.original.shape); put the image's own label "
          + "there, or resample it")
    }
    guard distance <= 0.1 * (grid.original.spacing.min() ?? 0) else {
      throw VolumeError(
        .geometry, name,
        "lies \(distance) mm beside the image's; resample it, or correct its header")
    }
    let change = Reorientation(
      from: grid.original.orientation, to: try Orientation(code: orientation))
    let voxels = change(labels.voxels, shape: labels.shape)
    return LabelVolume(voxels: voxels, geometry: grid.oriented, source: labels.source)
      .cropped(to: grid.box).resampled(to: grid.prepared.shape)
  }
}

/// Where a prepared image came from: enough to bring results to the original grid, bit for bit.
public struct PreparedGrid: Codable, Sendable, Equatable {
  /// The grid of the file.
  public let original: Geometry
  /// The file's header.
  public let source: SourceHeader?
  /// The original grid with its axes changed.
  public let oriented: Geometry
  /// The part of the oriented grid that was kept.
  public let box: Box
  /// The grid that the network sees.
  public let prepared: Geometry

  /// Labels of the prepared grid (`[D, H, W]`) on the original one; background outside the crop.
  public func restore(labels: [UInt8]) -> LabelVolume {
    finish(LabelVolume(voxels: labels, geometry: prepared).resampled(to: box.shape).voxels)
  }

  /// The winning class of scores or probabilities `[classes, D, H, W]` of the prepared grid, on the
  /// original one: scores are interpolated linearly before the largest is taken; ties go to the
  /// lower class.
  public func restore(scores: [Float], classes: Int, threads: Int = 1) -> LabelVolume {
    precondition((1...256).contains(classes), "labels have 8 bits")
    let resampling = GridResampling(
      from: prepared.shape, to: box.shape, by: [.linear, .linear, .linear])
    let count = prepared.count
    let labels = SharedVoxels.reading(scores.span) { scores in
      resampling.largest(of: classes, threads: threads) { candidate, d, plane, scratch in
        resampling.resample(
          scores.part(candidate * count..<(candidate + 1) * count), at: d, into: plane, &scratch)
      }
    }
    return finish(labels)
  }

  /// Undoes crop and reorientation of labels `[D, H, W]` of the box.
  private func finish(_ labels: [UInt8]) -> LabelVolume {
    let whole = box.undoing(in: oriented.shape)
      .cut(labels, channels: 1, from: box.shape, filler: 0)
    let change = Reorientation(from: original.orientation, to: oriented.orientation)
    let voxels = change.inverse(whole, shape: oriented.shape)
    return LabelVolume(voxels: voxels, geometry: original, source: source)
  }
}
