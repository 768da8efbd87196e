internal import Foundation
internal import Volumes

extension SubjectInspection {
  /// Takes up the grid of the first image.
  mutating func take(_ file: EncodedVolume) {
    let canonical = Reorientation(from: file.geometry.orientation, to: .ras)(file.geometry)
    report.grid = file.geometry
    report.shape = file.geometry.shape
    report.spacing = file.geometry.spacing
    report.orientation = file.geometry.orientation.code
    report.canonicalShape = canonical.shape
    report.canonicalSpacing = canonical.spacing
  }

  mutating func inspectChannelCount() {
    guard report.channels != dataset.channels.count else { return }
    note(
      .channelCount, subject.images.joined(separator: ", "),
      "holds \(report.channels) channels where \(dataset.channels.count) are declared; correct the "
        + "declaration or the file")
  }

  /// A channel may lie on another grid, and is then brought to the first one's.
  mutating func compareChannels(_ file: EncodedVolume, with first: EncodedVolume) {
    let distance = file.geometry.cornerDisagreement(with: first.geometry)
    if let distance, distance <= Self.allowance(first.geometry) { return }
    guard file.geometry.overlap(with: first.geometry) > 0.25 else {
      report.findings.append(
        Finding(
          .missingChannel, subject.name,
          "\(file.path): shows another place than \(first.path); put the subject's own image there, "
            + "or correct the header."))
      return
    }
    note(
      .channelGrid, file.path,
      "lies on another grid than \(first.path) and is interpolated onto it; resample it beforehand "
        + "to see what that does")
  }

  /// A label must lie on the grid of its image.
  ///
  /// `others` are the grids of the subject's further images, by file.
  mutating func inspectLabelGrid(
    _ label: EncodedVolume, image: EncodedVolume?, others: [(path: String, grid: Geometry)]
  ) {
    guard label.channels == 1 else {
      note(
        .labelChannels, label.path,
        "holds \(label.channels) channels, a label has one; write one label a voxel")
      return
    }
    guard let image else { return }
    let (mine, other) = (label.geometry, image.geometry)
    let distance = mine.cornerDisagreement(with: other)
    if let distance, distance <= Self.allowance(other) { return }
    let turned = Reorientation(from: mine.orientation, to: other.orientation)(mine)
    if mine.orientation != other.orientation, let rest = turned.cornerDisagreement(with: other),
      rest <= Self.allowance(other)
    {
      note(
        .labelAxes, label.path,
        "has axes that run \(mine.orientation) where those of \(image.path) run "
          + "\(other.orientation), in the same place; reorient it (--fix resample does)")
      return
    }
    guard distance != nil else {
      let isPart = mine.overlap(with: other) > 0.5
      note(
        .labelShape, label.path,
        "has shape \(Self.text(mine.shape)) where \(image.path) has \(Self.text(other.shape)); "
          + (isPart
            ? "resample it to the image's grid (--fix resample does)"
            : "they are not a pair, put the right file in its place"))
      return
    }
    // The other subjects may tell which of the two is wrong.
    report.dispute = PlacementDispute(
      image: image.path, label: label.path, imageGrid: other, labelGrid: mine,
      withImage: agreeing(others, with: other), withLabel: agreeing(others, with: mine))
    // Channels that lie with the label tell the same fault of the image.
    if report.dispute?.withImage.isEmpty == true {
      let paths = report.dispute?.withLabel ?? []
      report.findings.removeAll { finding in
        finding.kind == .channelGrid && paths.contains { finding.sentence.hasPrefix("\($0): ") }
      }
    }
  }

  private func agreeing(
    _ others: [(path: String, grid: Geometry)], with grid: Geometry
  ) -> [String] {
    others.filter { other in
      other.grid.cornerDisagreement(with: grid).map { $0 <= Self.allowance(grid) } ?? false
    }.map(\.path)
  }

  /// What corners may lie apart in mm.
  static func allowance(_ geometry: Geometry) -> Double {
    tolerance * (geometry.spacing.min() ?? 0)
  }

  static func text(_ shape: [Int]) -> String { shape.map { "\($0)" }.joined(separator: "x") }

  /// A length with two decimals, more where it is small.
  static func millimeters(_ length: Double) -> String {
    let scale = length < 0.1 ? 10_000.0 : 100
    return "\((length * scale).rounded() / scale) mm"
  }
}

// MARK: Headers

extension SubjectInspection {
  /// What other programs may read otherwise, or what is unusual, about an image's header.
  mutating func inspectHeader(of file: EncodedVolume) {
    let geometry = file.geometry
    if let placement = file.source.niftiPlacement { inspect(placement, of: file) }
    if let thin = geometry.shape.firstIndex(of: 1) {
      note(
        .singleSlice, file.path,
        "has a single slice along axis \(thin); use a network of two dimensions, or give the whole "
          + "volume")
    }
    let cosine = geometry.affine.shear
    if cosine > 1e-3 {
      note(
        .sheared, file.path,
        "has axes that are not at right angles (cosine \(Self.rounded(cosine))); resample it to a "
          + "grid without shear (a tilted gantry leaves such files)")
      return
    }
    // The cosine of the angle of each axis with the nearest of the scanner's.
    let units = zip(geometry.affine.columns, geometry.spacing).map { $0 / $1 }
    let alignment = units.map { max(abs($0.x), abs($0.y), abs($0.z)) }.min() ?? 1
    let degrees = acos(min(1, alignment)) * 180 / .pi
    if degrees > 2 {
      note(
        .oblique, file.path,
        "is turned by \(Self.rounded(degrees)) degrees against the scanner's axes; its voxels are "
          + "used as they lie, so leave it, or resample all to one orientation")
    }
  }

  private mutating func inspect(_ placement: NIfTIPlacement, of file: EncodedVolume) {
    let shape = file.geometry.shape
    switch (placement.sform, placement.qform) {
    case (nil, nil):
      note(
        .unplaced, file.path,
        "does not say where left and right are (both transforms are unset); export it again with "
          + "its orientation")
      return
    case (let sform?, let qform?):
      let distance = Geometry(shape: shape, affine: sform)
        .cornerDisagreement(with: Geometry(shape: shape, affine: qform))
      if let distance, distance > Self.tolerance * (sform.spacing.min() ?? 0) {
        note(
          .transforms, file.path,
          "has two transforms that lie \(Self.millimeters(distance)) apart, of which the sform "
            + "counts here and the qform elsewhere; set both alike")
        return
      }
    default: break
    }
    if placement.unit == .meters || placement.unit == .micrometers {
      note(
        .units, file.path,
        "counts in \(placement.unit), which is read as millimeters; write its voxel sizes in "
          + "millimeters")
    }
    let sizes = zip(placement.voxelSizes, file.geometry.spacing)
    if sizes.contains(where: { abs(abs($0) - $1) > 1e-3 * $1 }) {
      note(
        .voxelSize, file.path,
        "has voxel sizes (pixdim) \(Self.list(placement.voxelSizes)) where its transform has "
          + "\(Self.list(file.geometry.spacing)) mm; set both alike")
    }
  }

  static func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

  static func list(_ values: [Double]) -> String {
    values.map(rounded).joined(separator: " x ")
  }
}

extension Geometry {
  /// The part of the smaller one's bounding box in space that both share.
  fileprivate func overlap(with other: Geometry) -> Double {
    let (mine, theirs) = (bounds, other.bounds)
    let low = pointwiseMax(mine.low, theirs.low)
    let high = pointwiseMin(mine.high, theirs.high)
    func volume(_ low: SIMD3<Double>, _ high: SIMD3<Double>) -> Double {
      let size = high - low
      return size.min() <= 0 ? 0 : size.x * size.y * size.z
    }
    let least = min(volume(mine.low, mine.high), volume(theirs.low, theirs.high))
    return least > 0 ? volume(low, high) / least : 0
  }

  /// The corners of the bounding box of all voxels, their outer faces included.
  private var bounds: (low: SIMD3<Double>, high: SIMD3<Double>) {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = -low
    for corner in corners {
      low = pointwiseMin(low, corner)
      high = pointwiseMax(high, corner)
    }
    let half = affine.columns.reduce(SIMD3<Double>.zero) { sum, column in
      sum + SIMD3(abs(column.x), abs(column.y), abs(column.z)) / 2
    }
    return (low - half, high + half)
  }
}
