internal import Volumes

/// An image and its label that have one shape and lie in two places.
///
/// A file does not tell which of the two is wrong. What may: the subject's other images, and where the
/// other subjects' lie.
struct PlacementDispute: Codable, Sendable, Equatable {
  /// The image's file.
  var image: String
  /// The label's file.
  var label: String
  /// Where the image lies.
  var imageGrid: Geometry
  /// Where the label lies.
  var labelGrid: Geometry
  /// Further images of the subject that lie where the image does.
  var withImage: [String] = []
  /// Further images of the subject that lie where the label does.
  var withLabel: [String] = []

  /// How many subjects beside this one must lie alike, to tell what is usual.
  private static let least = 4

  /// The fault in a sentence, with both remedies; `others` are where the images of the data set's other
  /// subjects lie.
  func sentence(beside others: [Geometry]) -> String {
    "\(label) and its image \(image) disagree about where they lie, by \(distances)"
      + (verdict(beside: others).map { ": \($0.words); \($0.remedy)" }
        ?? ", and nothing tells which of the two is wrong; correct that one's header, or \(copies)")
      + "."
  }

  /// The remedies that trust the image's place.
  private var copies: String {
    "write mended copies: --fix copy-geometry gives the label the place of \(image), its voxels as they "
      + "are, --fix resample leaves each where its header says and takes the label's nearest voxels onto "
      + "the grid of \(image)"
  }

  /// Which of the two is wrong, and what follows from it.
  private struct Verdict {
    var words: String
    var remedy: String
  }

  private func verdict(beside others: [Geometry]) -> Verdict? {
    guard let (isImage, words) = culprit(beside: others) else { return nil }
    return Verdict(
      words: words,
      remedy: isImage
        ? "correct its header (--fix would take its place for the right one)"
        : "correct its header, or \(copies)")
  }

  /// How far corners lie apart, and along which way where all do alike.
  private var distances: String {
    let differences = zip(labelGrid.corners, imageGrid.corners).map { $0 - $1 }
    let lengths = differences.map { ($0 * $0).sum().squareRoot() }
    let (least, most) = (lengths.min() ?? 0, lengths.max() ?? 0)
    let far = SubjectInspection.millimeters(most)
    let shift = differences.reduce(.zero, +) / Double(differences.count)
    let rest =
      differences.map { ($0 - shift) * ($0 - shift) }.map { $0.sum().squareRoot() }.max() ?? 0
    guard rest < 0.05 * most else {
      return
        "\(SubjectInspection.millimeters(least)) at the nearest corner and \(far) at the farthest"
    }
    let parts = zip(
      [("right", "left"), ("anterior", "posterior"), ("superior", "inferior")], 0..<3
    )
    .filter { abs(shift[$0.1]) > 0.05 * most }
    .map {
      "\(SubjectInspection.millimeters(abs(shift[$0.1]))) \(shift[$0.1] > 0 ? $0.0.0 : $0.0.1)"
    }
    return "\(far) at every corner (the label lies \(parts.joined(separator: ", ")) of the image)"
  }

  /// Which of the two is wrong, where it can be known.
  private func culprit(beside others: [Geometry]) -> (isImage: Bool, words: String)? {
    switch (withImage.isEmpty, withLabel.isEmpty) {
    case (true, false):
      return (
        true,
        "the image is wrong, for \(withLabel.joined(separator: ", ")) lies where the label does"
      )
    case (false, true):
      return (
        false,
        "the label is wrong, for \(withImage.joined(separator: ", ")) lies where the image does"
      )
    case (false, false): return nil
    case (true, true): break
    }
    let (image, label) = (
      others.count { agrees($0, with: imageGrid) }, others.count { agrees($0, with: labelGrid) }
    )
    guard max(image, label) >= Self.least, 2 * max(image, label) > others.count else { return nil }
    let count = "\(max(image, label)) of \(others.count) other subjects' images"
    return image > label
      ? (false, "the label is wrong, it seems, for \(count) lie where this image does")
      : (true, "the image is wrong, it seems, for \(count) lie where this label does")
  }

  private func agrees(_ other: Geometry, with grid: Geometry) -> Bool {
    // Extents may differ from subject to subject: the first voxel and its neighbors are compared.
    let cube = [2, 2, 2]
    let distance = Geometry(shape: cube, affine: other.affine)
      .cornerDisagreement(with: Geometry(shape: cube, affine: grid.affine))
    return (distance ?? .infinity) <= SubjectInspection.allowance(grid)
  }
}

extension [SubjectReport] {
  /// The reports, where each dispute about places has become a finding that says which of the two files
  /// is wrong, as far as the other subjects tell.
  func judgingDisputes() -> [SubjectReport] {
    guard contains(where: { $0.dispute != nil }) else { return self }
    // Who is in dispute is no witness.
    let witnesses = filter { $0.dispute == nil }.compactMap(\.grid)
    return map { report in
      guard let dispute = report.dispute else { return report }
      var judged = report
      judged.findings.append(
        Finding(.labelPlacement, report.subject, dispute.sentence(beside: witnesses)))
      return judged
    }
  }
}
