/// A file's content from front to back, decompressed where it is compressed.
///
/// No read allocates more than the file can yield: deflate expands at most 1032-fold, and buffers grow
/// with what really comes out.
struct ContentReader {
  /// Zeros up to this many behind the declared content are padding (to whole blocks, as some programs
  /// write); other bytes, or more, are content that the header does not declare.
  static let largestPadding = 4096

  let path: String
  private let plain: [UInt8]
  private let inflater: Inflater?
  private var position: Int

  /// Opens the file at `path`, which may be gzip: its content decides, not its name. With `limit`, only
  /// its first bytes are there (for headers).
  ///
  /// - Throws: ``VolumeError`` where the file cannot be read or is empty.
  init(_ path: String, limit: Int? = nil, in files: any FileSource) throws {
    let bytes = try files.read(path, limit: limit)
    guard !bytes.isEmpty else {
      throw VolumeError(.damaged, path, "is empty; copy it again from its source")
    }
    try self.init(bytes, path: path, Inflater.isGzip(bytes) ? .gzip : nil)
  }

  /// Reads `bytes` of the file `path` from `position`, compressed within `frame` where one is given.
  init(_ bytes: [UInt8], from position: Int = 0, path: String, _ frame: DeflateFrame?) throws {
    self.path = path
    self.position = position
    plain = bytes
    do {
      inflater = try frame.map { frame throws(InflateError) in
        try Inflater(bytes, from: position, frame)
      }
    } catch {
      throw Self.translate(error, path)
    }
  }

  /// The next `count` bytes.
  ///
  /// - Throws: ``VolumeError`` of kind `damaged` where the file has fewer; `what` names them.
  mutating func read(_ count: Int, _ what: String) throws -> [UInt8] {
    if let inflater {
      guard count <= inflater.bound else { throw short(count, what) }
      let bytes: [UInt8]
      do {
        bytes = try inflater.read(atMost: count)
      } catch {
        throw Self.translate(error, path)
      }
      guard bytes.count == count else { throw short(count, what) }
      return bytes
    }
    guard count <= plain.count - position else { throw short(count, what) }
    defer { position += count }
    return Array(plain[position..<position + count])
  }

  /// Passes over the next `count` bytes.
  ///
  /// - Throws: ``VolumeError`` as ``read(_:_:)`` does.
  mutating func skip(_ count: Int, _ what: String) throws {
    guard let inflater else {
      guard count <= plain.count - position else { throw short(count, what) }
      position += count
      return
    }
    do {
      guard try inflater.skip(atMost: count) == count else { throw short(count, what) }
    } catch let error as InflateError {
      throw Self.translate(error, path)
    }
  }

  /// Reads on to the end: verifies the checksum of a compressed file.
  ///
  /// - Parameters:
  ///   - declared: the bytes that were read, as the header declares them.
  ///   - face: the least number of bytes by which a longer grid would be longer; so many zeros are no
  ///     padding, for a label's last slices may be empty.
  ///   - what: names the bytes.
  /// - Throws: ``VolumeError`` where the file is damaged, or holds more than padding.
  mutating func expectEnd(after declared: Int, face: Int, _ what: String) throws {
    // Enough to say how much more there is; a bomb is not followed to its end.
    let most = max(declared, 1 << 20)
    var excess = 0
    var isPadding = true
    var isAll = true
    if let inflater {
      do {
        while excess < most, !inflater.isAtEnd {
          let piece = try inflater.read(atMost: min(1 << 16, most - excess))
          excess += piece.count
          isPadding = isPadding && piece.allSatisfy { $0 == 0 }
        }
        isAll = inflater.isAtEnd
      } catch {
        throw Self.translate(error, path)
      }
    } else {
      excess = plain.count - position
      isPadding = excess <= Self.largestPadding && plain[position...].allSatisfy { $0 == 0 }
    }
    if isAll, isPadding, excess <= Self.largestPadding, excess < face || excess == 0 { return }
    throw Surplus(what: what, unit: "bytes", declared: declared, found: declared + excess)
      .fault(path, isAll: isAll)
  }

  private func short(_ count: Int, _ what: String) -> VolumeError {
    VolumeError(
      .damaged, path,
      "ends before its \(what) do (\(count) bytes wanted); the copy is incomplete, copy it again")
  }

  private static func translate(_ error: InflateError, _ path: String) -> VolumeError {
    switch error {
    case .corrupt(let words):
      VolumeError(
        .damaged, path, "cannot be decompressed (\(words)); copy it again from its source")
    case .truncated:
      VolumeError(
        .damaged, path, "is a truncated gzip file; the copy is incomplete, copy it again")
    }
  }
}

/// What a file holds beyond what its header declares.
///
/// Reading a part of it would train on a part of the volume, so such files are refused, though programs
/// that take the declared number of voxels and look no further open them.
struct Surplus {
  /// What there is too much of.
  let what: String
  /// What it is counted in.
  let unit: String
  let declared: Int
  let found: Int

  /// The sentence; the count goes on where it is not of `all`.
  func fault(_ path: String, isAll: Bool = true) -> VolumeError {
    VolumeError(
      .malformed, path,
      "holds more data than its header declares: \(declared) \(unit) of \(what) expected, "
        + "\(isAll ? "" : "at least ")\(found) found; correct the shape or the data type in its "
        + "header, or export it again")
  }
}
