internal import Foundation
internal import Volumes

/// A prepared subject in a file.
///
/// Eight bytes `segmpip2`, the header's length and the checksum of all that follows (UInt64 each),
/// eight zeros, the header (JSON), zeros up to a multiple of 64; then the image `[C, D, H, W]`
/// (Float32), the classes `[D, H, W]` of the prepared grid and the reference `[D, H, W]` of the original
/// one (a byte each). Little-endian.
enum PreparedFile {
  /// The version of this layout and of the rules of preparation; part of every key.
  static let format = "segmpip2"
  /// The ending of the files' names.
  static let ending = ".prepared"

  fileprivate struct Header: Codable {
    var key: String
    var channels: Int
    var grid: PreparedGrid
    var imageSource: SourceHeader?
    var referenceGeometry: Geometry
    var referenceSource: SourceHeader?
  }

  /// The bytes before the header.
  private static let front = 32
  private static let longestHeader = 1 << 24

  /// Writes a subject under a key, whole or not at all.
  ///
  /// Two runs that prepare at once write files of their own and give them the name in one step;
  /// their contents are equal.
  ///
  /// - Parameters:
  ///   - subject: what is kept.
  ///   - key: what it is kept under.
  ///   - path: the file.
  ///   - isLasting: whether the file is to survive a crash of the host; otherwise nothing waits for
  ///     the disk.
  ///   - calls: the system's.
  /// - Throws: ``FileError``; nothing is left behind then.
  static func write(
    _ subject: PreparedSubject, key: String, to path: String, isLasting: Bool = true,
    calls: SystemCalls = .live
  ) throws {
    guard let reference = subject.reference else {
      preconditionFailure("a subject without a reference is not kept")
    }
    let (image, classes) = (subject.image, subject.classes)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var header = [UInt8](
      try encoder.encode(
        Header(
          key: key, channels: image.channels, grid: subject.grid, imageSource: image.source,
          referenceGeometry: reference.geometry, referenceSource: reference.source)))
    let length = header.count
    header += [UInt8](repeating: 0, count: padded(front + length) - front - length)
    var checksum = ContentChecksum()
    // Neither floats nor bytes have padding, which is what makes raw views of other types unsafe.
    unsafe checksum.update(header.span.bytes)
    unsafe checksum.update(image.voxels.span.bytes)
    unsafe checksum.update(classes.span.bytes)
    unsafe checksum.update(reference.voxels.span.bytes)
    let start = Array(format.utf8) + little(UInt64(length)) + little(checksum.value) + little(0)
    // Hosts that share a folder number processes alike, so that no process's number will do.
    let own = path.folder.appending(
      file: ".\(path.lastComponent).\(UUID().uuidString)\(partial)")
    do throws(SystemError) {
      let file = try OpenFile(path: own, for: .replacing)
      try file.write(start.span, calls: calls)
      try file.write(header.span, calls: calls)
      try unsafe file.write(image.voxels.span.bytes, calls: calls)
      try file.write(classes.span, calls: calls)
      try file.write(reference.voxels.span, calls: calls)
      if isLasting { try calls.synchronize(file.descriptor).get() }
      try renameFile(own, to: path)
      if isLasting {
        let entries = try OpenFile(path: path.folder, for: .folder)
        try calls.synchronize(entries.descriptor).get()
      }
    } catch {
      removeFile(own)
      throw FileError(
        path: path,
        description: "Cannot keep the prepared volume \(path) (\(error.text)): free space there or "
          + "make it writable, or name another folder with data.cache.")
    }
  }

  /// The ending of files that are being written.
  static let partial = ".partial"

  /// Maps a subject's file; nil where it is missing, of another key, or damaged.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: what it must have been kept under.
  ///   - name: the subject's name.
  ///   - verifies: whether all bytes are read and compared with their checksum.
  /// - Returns: the subject, whose voxels are the file's pages.
  static func open(
    _ path: String, key: String, name: String, verifies: Bool = false
  ) -> PreparedSubject? {
    guard let file = MappedFile(path), file.count >= front else { return nil }
    let (magic, length, checksum) = file.withBytes(0..<front) { bytes in
      ((0..<8).map { bytes[$0] }, number(bytes, 8), number(bytes, 16))
    }
    guard magic == Array(format.utf8), length <= UInt64(longestHeader),
      file.contains(Int(length), at: front)
    else { return nil }
    let text = file.withBytes(front..<front + Int(length)) { bytes in
      Data(bytes.indices.map { bytes[$0] })
    }
    guard let header = try? JSONDecoder().decode(Header.self, from: text), header.key == key,
      let subject = MappedSubject(file, header, start: padded(front + Int(length)))
    else { return nil }
    if verifies, subject.checksum(ofHeaderFrom: front) != checksum { return nil }
    return PreparedSubject(name: name, mapped: subject)
  }

  private static func padded(_ length: Int) -> Int { (length + 63) / 64 * 64 }

  private static func little(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
  }

  private static func number(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
  }
}

/// The voxels of a prepared subject where they lie in its file.
final class MappedSubject: Sendable {
  let channels: Int
  let grid: PreparedGrid
  private let file: MappedFile
  private let imageSource: SourceHeader?
  private let referenceGeometry: Geometry
  private let referenceSource: SourceHeader?
  /// Where the image starts, and how many voxels it and the classes have.
  private let start: Int
  private let voxels: Int
  private let prepared: Int
  private let original: Int

  /// The subject of a header; nil where the file has not exactly the bytes that it speaks of.
  fileprivate init?(_ file: MappedFile, _ header: PreparedFile.Header, start: Int) {
    guard let prepared = Self.count(header.grid.prepared.shape),
      let original = Self.count(header.referenceGeometry.shape),
      let voxels = Self.count([header.channels, prepared])
    else { return nil }
    let (imageBytes, overflow) = voxels.multipliedReportingOverflow(by: 4)
    guard !overflow, file.count == start + imageBytes + prepared + original else { return nil }
    self.file = file
    self.start = start
    self.voxels = voxels
    self.prepared = prepared
    self.original = original
    channels = header.channels
    grid = header.grid
    imageSource = header.imageSource
    referenceGeometry = header.referenceGeometry
    referenceSource = header.referenceSource
  }

  /// Calls `body` with the image `[C, D, H, W]` and the classes `[D, H, W]`, in place.
  func withVoxels<Result, Failure: Error>(
    _ body: (Span<Float>, Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withFloats(at: start, count: voxels) { image throws(Failure) in
      try file.withBytes(start + 4 * voxels..<start + 4 * voxels + prepared) {
        classes throws(Failure) in
        try body(image, classes)
      }
    }
  }

  /// The checksum of the file's content, whose header starts at a byte.
  func checksum(ofHeaderFrom front: Int) -> UInt64 {
    var checksum = ContentChecksum()
    let classes = start + 4 * voxels
    for piece in [
      front..<start, start..<classes, classes..<classes + prepared,
      classes + prepared..<classes + prepared + original,
    ] {
      file.withBytes(piece) { unsafe checksum.update($0.bytes) }
    }
    return checksum.value
  }

  /// A copy of the image.
  var image: Volume {
    Volume(
      voxels: withVoxels { image, _ in [Float](copying: image) }, channels: channels,
      geometry: grid.prepared, source: imageSource)
  }

  /// A copy of the classes.
  var classes: [UInt8] { withVoxels { _, classes in [UInt8](copying: classes) } }

  /// A copy of the reference.
  var reference: LabelVolume {
    let from = start + 4 * voxels + prepared
    return LabelVolume(
      voxels: file.withBytes(from..<from + original) { [UInt8](copying: $0) },
      geometry: referenceGeometry, source: referenceSource)
  }

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

extension Array {
  /// The elements of a span.
  fileprivate init(copying span: Span<Element>) {
    self.init(capacity: span.count) { output in
      for index in span.indices { output.append(span[index]) }
    }
  }
}
