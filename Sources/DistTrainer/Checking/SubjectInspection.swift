internal import Foundation
internal import Volumes

/// How closely a data set is looked at.
public enum CheckDepth: String, Codable, Sendable, CaseIterable {
  /// Not at all beyond its lists.
  case none
  /// The header of every file: grids, channels, orientation.
  case headers
  /// Every voxel.
  case full
}

/// Reads one subject's files and notes everything that is wrong with them.
struct SubjectInspection {
  let subject: Subject
  let dataset: Dataset
  var report: SubjectReport

  /// A part of a voxel by which corners may lie apart before grids are taken for different; training
  /// allows as much.
  static let tolerance = 0.1

  /// Inspects a subject.
  ///
  /// - Parameters:
  ///   - subject: which files.
  ///   - dataset: the labels and channels that are declared.
  ///   - depth: headers alone, or voxels too.
  /// - Returns: what was found; nothing is thrown, a file that cannot be read is a fault.
  static func report(
    _ subject: Subject, of dataset: Dataset, depth: CheckDepth
  ) -> SubjectReport {
    var inspection = SubjectInspection(
      subject: subject, dataset: dataset,
      report: SubjectReport(subject: subject.name, image: subject.images.first ?? ""))
    if depth != .none { inspection.inspect(voxels: depth == .full) }
    return inspection.report
  }

  /// Notes what is wrong with a file, in words that follow its name.
  mutating func note(_ kind: Finding.Kind, _ path: String, _ words: String) {
    report.findings.append(Finding(kind, subject.name, "\(path): \(words)."))
  }

  private mutating func inspect(voxels: Bool) {
    var first: EncodedVolume?
    var firstImage: Volume?
    var others: [(path: String, grid: Geometry)] = []
    var digest = SHA256()
    var readAll = true
    for path in subject.images {
      guard let file = read(path, voxels: voxels) else {
        readAll = false
        continue
      }
      report.channels += file.channels
      report.elements.append(file.element.rawValue)
      if let first {
        compareChannels(file, with: first)
        others.append((path, file.geometry))
      } else {
        first = file
        take(file)
        inspectHeader(of: file)
      }
      guard voxels, let image = try? file.decoded() else { continue }
      digest.update(image)
      inspectIntensities(of: image, path)
      if firstImage == nil { firstImage = image }
    }
    if readAll {
      if voxels { report.content = digest.finalized() }
      inspectChannelCount()
    } else {
      report.levels = []
    }
    guard let label = read(subject.label, voxels: voxels) else { return }
    inspectLabelGrid(label, image: first, others: others)
    guard voxels, label.channels == 1, let volume = try? label.decoded() else { return }
    if let firstImage, firstImage.channels == 1, firstImage.voxels == volume.voxels {
      note(
        .labelIsImage, subject.label,
        "holds the same voxels as the image \(subject.images[0]); put the label in its place")
      return
    }
    inspectLabels(of: volume, subject.label)
  }

  /// A file's header, with its bytes where voxels are wanted; nil after noting what is wrong.
  private mutating func read(_ path: String, voxels: Bool) -> EncodedVolume? {
    do {
      let file = try voxels ? VolumeFiles.readEncoded(path) : VolumeFiles.readHeader(path)
      if voxels { inspectName(of: path) }
      return file
    } catch let error as VolumeError {
      report.findings.append(Finding(error.kind.finding, subject.name, "\(error)."))
    } catch {
      note(.unreadable, path, "cannot be read (\(error)); copy it again from its source")
    }
    return nil
  }

  /// Other programs go by the name and refuse what we read.
  private mutating func inspectName(of path: String) {
    guard path.hasSuffix(".nii") || path.hasSuffix(".nii.gz"),
      let handle = FileHandle(forReadingAtPath: path),
      let start = try? handle.read(upToCount: 2)
    else { return }
    let isCompressed = start.elementsEqual([0x1F, 0x8B])
    guard isCompressed != path.hasSuffix(".gz") else { return }
    note(
      .misnamed, path,
      isCompressed
        ? "is compressed, which its name does not say; call it .nii.gz, or other programs refuse it"
        : "is not compressed, as its name says; call it .nii, or other programs refuse it")
  }
}

extension VolumeError.Kind {
  /// The kind of finding that a file's fault is.
  fileprivate var finding: Finding.Kind {
    switch self {
    case .inaccessible, .setting: .unreadable
    case .damaged: .damaged
    case .malformed: .malformed
    case .unsupported: .unsupported
    case .voxels: .notFinite
    case .geometry: .singularGeometry
    }
  }
}

extension SHA256 {
  /// Feeds a volume: its extents, then its voxels.
  fileprivate mutating func update(_ volume: Volume) {
    update(Array("\(volume.shape)".utf8).span)
    // Floats have no padding, which is what makes raw views of other types unsafe.
    unsafe update(volume.voxels.span.bytes)
  }
}
