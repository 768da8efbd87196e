internal import Foundation
internal import Volumes

/// One subject's files in a new folder, mended where that was asked for.
struct SubjectRepair: Sendable {
  /// The new files, relative to the new data set.
  private(set) var images: [String] = []
  private(set) var label = ""
  /// What was done, once a file.
  private(set) var applied: [DatasetRepair.Fix] = []
  /// Why the subject could not be written; then it is left out.
  private(set) var findings: [Finding] = []

  private let fixes: Set<DatasetRepair.Fix>
  private let output: String

  /// Writes a subject's files below `output`.
  ///
  /// - Throws: `VolumeError` or ``FileError`` where a file cannot be written; files that cannot be
  ///   read are ``findings``.
  init(
    _ subject: Subject, of dataset: Dataset, fixes: Set<DatasetRepair.Fix>, output: String
  ) throws {
    self.fixes = fixes
    self.output = output
    guard let first = read(subject.images[0], of: subject) else { return }
    for (index, path) in subject.images.enumerated() {
      // Several channels in one file are numbered by nobody.
      let suffix =
        subject.images.count == dataset.channels.count ? VolumeNames.suffix(ofChannel: index) : ""
      guard let file = index == 0 ? first : read(path, of: subject) else { return }
      let volume = try file.decoded()
      let moved = index == 0 ? nil : mend(volume, onto: first, of: subject, isLabel: false)
      images.append(
        try write(file, volume, changed: moved, to: "imagesTr/\(subject.name)\(suffix)"))
    }
    guard let file = read(subject.label, of: subject) else { return }
    let meanings = subject.meanings(
      of: Dictionary(uniqueKeysWithValues: dataset.labels.map { (Int($0.number), $0.number) }))
    let volume = try file.decoded()
    let moved = mend(volume, onto: first, of: subject, isLabel: true)
    let mapped = map(moved ?? volume, file, meanings, subject)
    guard findings.isEmpty else { return }
    label = try write(
      file, volume, changed: mapped ?? moved, to: "labelsTr/\(subject.name)",
      as: mapped == nil ? nil : .uint8)
  }

  private mutating func read(_ path: String, of subject: Subject) -> EncodedVolume? {
    do {
      return try VolumeFiles.readEncoded(path)
    } catch {
      findings.append(Finding(.unreadable, subject.name, "\(error)."))
      return nil
    }
  }

  /// A volume on the grid of `image`; nil where it lies there, or nothing shall be done about it.
  private mutating func mend(
    _ volume: Volume, onto image: EncodedVolume, of subject: Subject, isLabel: Bool
  ) -> Volume? {
    let (mine, other) = (volume.geometry, image.geometry)
    let allowed = SubjectInspection.tolerance * (other.spacing.min() ?? 0)
    if let distance = mine.cornerDisagreement(with: other), distance <= allowed { return nil }
    let turned = Reorientation(from: mine.orientation, to: other.orientation)(mine)
    let isInPlace =
      mine.orientation != other.orientation
      && (turned.cornerDisagreement(with: other).map { $0 <= allowed } ?? false)
    // What lies in its place with other axes would be mirrored by another's header.
    if fixes.contains(.copyGeometry), mine.shape == other.shape, !isInPlace {
      applied.append(.copyGeometry)
      return Volume(
        voxels: volume.voxels, channels: volume.channels, geometry: other, source: image.source)
    }
    guard fixes.contains(.resample), !isLabel || volume.channels == 1 else { return nil }
    if isLabel {
      let (outside, all) = volume.labeledVoxels(outside: other)
      // A few at the rim are lost by rounding; more are a part of what was segmented.
      guard 100 * outside <= all else {
        findings.append(
          Finding(
            .labelPlacement, subject.name,
            "\(subject.label) has \(outside) of its \(all) labeled voxels outside of "
              + "\(subject.images[0]), which resampling would discard: correct the header that is wrong, "
              + "or crop the label, first."))
        return nil
      }
    }
    applied.append(.resample)
    var result =
      isLabel
      ? volume.nearest(onto: other)
      : volume.resampled(onto: other, filler: volume.voxels.min() ?? 0)
    result.source = image.source
    return result
  }

  /// The labels that stored values stand for; nil where they are stored so already, or nothing shall
  /// be done about it.
  private mutating func map(
    _ volume: Volume, _ file: EncodedVolume, _ meanings: [Int: UInt8], _ subject: Subject
  ) -> Volume? {
    guard fixes.contains(.mapLabels), volume.channels == 1 else { return nil }
    var result = volume
    var isChanged = file.element != .uint8
    for (place, value) in volume.voxels.enumerated() {
      guard let number = Int(exactly: value), let label = meanings[number] else {
        let index = volume.geometry.index(of: place).map { "\($0)" }.joined(separator: ", ")
        findings.append(
          Finding(
            .labelUndeclared, subject.name,
            "\(file.path): voxel (\(index)) holds \(value), which stands for no label; say in map "
              + "which label it is."))
        return nil
      }
      if Int(label) != number {
        result.voxels[place] = Float(label)
        isChanged = true
      }
    }
    guard isChanged else { return nil }
    applied.append(.mapLabels)
    return result
  }

  /// Writes what became of a volume, or its file byte for byte where nothing was changed.
  ///
  /// - Returns: the new file's path below ``output``.
  private func write(
    _ file: EncodedVolume, _ volume: Volume, changed: Volume?, to stem: String,
    as element: ElementType? = nil
  ) throws -> String {
    let name = file.path.lastComponent
    let ending = String(name.dropFirst(VolumeNames.stem(of: name).count))
    let isSingle = [".nii", ".nii.gz", ".nrrd", ".mha", ".npy", ".npz"].contains(ending)
    if changed == nil, isSingle {
      let target = output.appending(file: stem + ending)
      guard let bytes = FileManager.default.contents(atPath: file.path) else {
        throw FileError(
          path: file.path, description: "\(file.path) is not there any more: start again.")
      }
      try AtomicFile.replace(target) { try $0.write([UInt8](bytes).span) }
      return stem + ending
    }
    let kept = [".nii", ".nii.gz"].contains(ending) ? ending : ".nii.gz"
    try VolumeFiles.write(
      changed ?? volume, to: output.appending(file: stem + kept),
      as: element ?? file.element.holding(file.slope, file.intercept))
    return stem + kept
  }
}

extension ElementType {
  /// The type to write decoded values in: scaled integers are no integers any more.
  fileprivate func holding(_ slope: Double, _ intercept: Double) -> ElementType {
    slope == 1 && intercept == 0 ? self : .float32
  }
}

extension VolumeNames {
  /// Whether a path is a folder without entries, hidden ones included.
  static func isEmptyFolder(_ path: String) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
  }
}
