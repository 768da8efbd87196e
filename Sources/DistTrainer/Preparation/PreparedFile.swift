internal import Foundation
internal import Volumes

/// A prepared subject in a file.
///
/// Eight bytes `segmpip1`, the header's length (UInt64), the header (JSON), zeros up to a multiple
/// of 64; then the image `[C, D, H, W]` (Float32), the classes `[D, H, W]` of the prepared grid and
/// the reference `[D, H, W]` of the original one (a byte each). Little-endian.
enum PreparedFile {
  /// The version of this layout and of the rules of preparation; part of every key.
  static let format = "segmpip1"

  private struct Header: Codable {
    var key: String
    var channels: Int
    var grid: PreparedGrid
    var imageSource: SourceHeader?
    var referenceGeometry: Geometry
    var referenceSource: SourceHeader?
  }

  private static let longestHeader = 1 << 24

  /// Writes a subject under a key, whole or not at all.
  ///
  /// Two runs that prepare at once write files of their own and give them the name in one step;
  /// their contents are equal.
  /// - Throws: ``FileError``.
  static func write(_ subject: PreparedSubject, key: String, to path: String) throws {
    guard let reference = subject.reference else {
      preconditionFailure("a subject without a reference is not kept")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let header = [UInt8](
      try encoder.encode(
        Header(
          key: key, channels: subject.image.channels, grid: subject.grid,
          imageSource: subject.image.source, referenceGeometry: reference.geometry,
          referenceSource: reference.source)))
    var front = Array(format.utf8)
    for shift in stride(from: 0, to: 64, by: 8) {
      front.append(UInt8(truncatingIfNeeded: UInt64(header.count) >> UInt64(shift)))
    }
    front += header
    front += [UInt8](repeating: 0, count: padded(front.count) - front.count)
    // Hosts that share a folder number processes alike, so that no process's number will do.
    let own = path.folder.appending(file: ".\(path.lastComponent).\(UUID().uuidString)")
    try AtomicFile.replace(own) { file in
      try file.write(front.span)
      // Floats have no padding, which is what makes raw views of other types unsafe.
      try unsafe file.write(subject.image.voxels.span.bytes)
      try file.write(subject.classes.span)
      try file.write(reference.voxels.span)
    }
    do {
      try renameFile(own, to: path)
    } catch {
      removeFile(own)
      throw FileError("write", path, error)
    }
  }

  /// Reads a subject; nil where the file is missing, of another key, or damaged in its structure.
  ///
  /// The pages come from the page cache that the ranks of a host share; the arrays of the subject
  /// are copies, since a `Volume` owns its voxels.
  static func read(_ path: String, key: String, name: String) -> PreparedSubject? {
    guard let file = MappedFile(path),
      let front = file.elements(of: UInt8.self, at: 0, count: 16),
      front.prefix(8).elementsEqual(format.utf8)
    else { return nil }
    var length: UInt64 = 0
    for place in 0..<8 { length |= UInt64(front[8 + place]) << UInt64(8 * place) }
    guard length <= UInt64(longestHeader),
      let bytes = file.elements(of: UInt8.self, at: 16, count: Int(length)),
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)),
      header.key == key,
      let prepared = count(header.grid.prepared.shape),
      let original = count(header.referenceGeometry.shape),
      let voxels = count([header.channels, prepared])
    else { return nil }
    let start = padded(16 + Int(length))
    let (imageBytes, overflow) = voxels.multipliedReportingOverflow(by: 4)
    guard !overflow, file.count == start + imageBytes + prepared + original,
      let image = file.floats(at: start, count: voxels),
      let classes = file.elements(of: UInt8.self, at: start + imageBytes, count: prepared),
      let reference = file.elements(
        of: UInt8.self, at: start + imageBytes + prepared, count: original)
    else { return nil }
    return PreparedSubject(
      name: name,
      image: Volume(
        voxels: image, channels: header.channels, geometry: header.grid.prepared,
        source: header.imageSource),
      grid: header.grid, classes: classes,
      reference: LabelVolume(
        voxels: reference, geometry: header.referenceGeometry, source: header.referenceSource))
  }

  private static func padded(_ length: Int) -> Int { (length + 63) / 64 * 64 }

  /// The product of positive extents; nil where one is not, or no file could hold it.
  private static func count(_ extents: [Int]) -> Int? {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, next <= 1 << 48 else { return nil }
      product = next
    }
    return product
  }
}
