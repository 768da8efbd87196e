internal import Foundation
internal import Volumes

/// Reads one subject's files and notes everything that is wrong with them.
struct SubjectInspection {
  private let labels: [DatasetLabel]
  private let channels: Int
  private var report: SubjectReport

  /// Inspects a subject.
  ///
  /// - Parameters:
  ///   - subject: which files.
  ///   - dataset: the labels and channels that are declared.
  /// - Returns: what was found; nothing is thrown, a file that cannot be read is a fault.
  static func report(_ subject: Subject, of dataset: Dataset) -> SubjectReport {
    var inspection = SubjectInspection(subject, dataset)
    inspection.inspect(subject)
    return inspection.report
  }

  private init(_ subject: Subject, _ dataset: Dataset) {
    labels = dataset.labels
    channels = dataset.channels.count
    report = SubjectReport(subject: subject.name)
  }

  private mutating func inspect(_ subject: Subject) {
    var grid: (path: String, geometry: Geometry)?
    var digest = SHA256()
    var readAll = true
    for path in subject.images {
      guard let image = read(path) else {
        readAll = false
        continue
      }
      report.channels += image.channels
      digest.update(image)
      inspectIntensities(of: image, path)
      if let grid {
        compare(image.geometry, of: path, with: grid.geometry, of: grid.path)
      } else {
        grid = (path, image.geometry)
        report.shape = image.geometry.shape
        report.spacing = image.geometry.spacing
      }
    }
    if readAll {
      report.content = digest.finalized()
      if report.channels != channels {
        report.faults.append(
          "\(subject.images.joined(separator: ", ")): holds \(report.channels) channels where "
            + "\(channels) are declared; correct the declaration or the file.")
      }
    }
    guard let label = read(subject.label) else { return }
    if let grid { compare(label.geometry, of: subject.label, with: grid.geometry, of: grid.path) }
    inspectLabels(of: label, subject.label)
  }

  private mutating func read(_ path: String) -> Volume? {
    do {
      return try VolumeFiles.readImage(path, finite: false)
    } catch {
      report.faults.append("\(error).")
      return nil
    }
  }

  private mutating func inspectIntensities(of image: Volume, _ path: String) {
    do {
      try image.requireFinite(named: path)
    } catch {
      report.faults.append("\(error).")
    }
    let voxels = image.voxels.span
    let count = image.geometry.count
    for channel in 0..<image.channels {
      let first = voxels[channel * count]
      var isConstant = true
      for index in 1..<max(1, count) where voxels[channel * count + index] != first {
        isConstant = false
        break
      }
      guard isConstant, first.isFinite else { continue }
      report.faults.append(
        "\(path): every voxel\(image.channels > 1 ? " of channel \(channel)" : "") holds \(first); "
          + "export the image again, or leave this subject out.")
    }
  }

  private mutating func compare(
    _ geometry: Geometry, of path: String, with other: Geometry, of otherPath: String
  ) {
    guard let distance = geometry.cornerDisagreement(with: other) else {
      report.faults.append(
        "\(path): has shape \(Self.text(geometry.shape)) where \(otherPath) has "
          + "\(Self.text(other.shape)); they are not a pair, put the right file in its place.")
      return
    }
    guard distance > 0.1 * (other.spacing.min() ?? 0) else { return }
    let rounded = (distance * 100).rounded() / 100
    report.faults.append(
      "\(path): lies \(rounded) mm beside \(otherPath) (the farthest corner); "
        + "resample one to the other's grid, or correct its header.")
  }

  static func text(_ shape: [Int]) -> String { shape.map { "\($0)" }.joined(separator: "x") }
}

// MARK: Labels

extension SubjectInspection {
  /// Voxels that bear one value.
  private struct Occurrence {
    var count = 0
    var first: Int
  }

  private mutating func inspectLabels(of label: Volume, _ path: String) {
    guard label.channels == 1 else {
      report.faults.append(
        "\(path): holds \(label.channels) channels, a label has one; write one label a voxel.")
      return
    }
    var declared = [Int](repeating: 0, count: labels.count)
    var strays: [Int: Occurrence] = [:]
    var fraction: (occurrence: Occurrence, value: Float)?
    count(label.voxels.span, &declared, &strays, &fraction)
    report.labelVoxels = declared
    func place(_ occurrence: Occurrence) -> String {
      let index = label.geometry.index(of: occurrence.first)
      return "\(occurrence.count) voxel\(occurrence.count == 1 ? "" : "s"), the first at "
        + "(\(index.map { "\($0)" }.joined(separator: ", ")))"
    }
    if let (occurrence, value) = fraction {
      report.faults.append(
        "\(path): holds values that are no whole numbers, such as \(value) (\(place(occurrence))); "
          + "this looks like an image or a resampled label, export it again.")
    }
    for (value, occurrence) in strays.sorted(by: { $0.key < $1.key }).prefix(8) {
      report.faults.append(
        "\(path): holds the label \(value) (\(place(occurrence))), which is not declared; "
          + "declare it or correct the file.")
    }
    if strays.count > 8 {
      report.faults.append(
        "\(path): holds \(strays.count - 8) further labels that are not declared; "
          + "this looks like an image, put the label in its place.")
    }
    if fraction == nil, strays.isEmpty, declared.dropFirst().allSatisfy({ $0 == 0 }) {
      report.notices.append(
        "\(path): holds nothing but background; if it should not, segment it or leave this "
          + "subject out.")
    }
  }

  /// Counts voxels by value: of declared labels, of other whole numbers, of all other numbers.
  private func count(
    _ voxels: Span<Float>, _ declared: inout [Int], _ strays: inout [Int: Occurrence],
    _ fraction: inout (occurrence: Occurrence, value: Float)?
  ) {
    // Labels count from 0 without a gap, so that the number is the place.
    var span = declared.mutableSpan
    for index in voxels.indices {
      let value = voxels[index]
      guard let number = Int(exactly: value) else {
        var seen = fraction ?? (Occurrence(first: index), value)
        seen.occurrence.count += 1
        fraction = seen
        continue
      }
      if number >= 0, number < span.count {
        span[number] += 1
      } else {
        strays[number, default: Occurrence(first: index)].count += 1
      }
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
