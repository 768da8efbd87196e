/// A file's content from front to back, decompressed where it is gzip.
///
/// The content decides whether it is compressed, not the name. No read allocates more than the file
/// can yield: deflate expands at most 1032-fold, and buffers grow with what really comes out.
struct ContentReader {
  /// Bytes behind the declared content that are taken for padding; more is an error.
  static let tolerance = 1 << 16

  let path: String
  private let plain: [UInt8]
  private let gzip: GzipReader?
  private var position = 0

  /// Opens the file at `path`; with `limit`, only its first bytes are there (for headers).
  ///
  /// - Throws: ``VolumeError`` where the file cannot be read or is empty.
  init(_ path: String, limit: Int? = nil) throws {
    self.path = path
    plain = try FileAccess.read(path, limit: limit)
    guard !plain.isEmpty else {
      throw VolumeError(.damaged, path, "is empty; copy it again from its source")
    }
    do {
      gzip = GzipReader.isGzip(plain) ? try GzipReader(plain) : nil
    } catch {
      throw Self.translate(error, path)
    }
  }

  /// The next `count` bytes.
  ///
  /// - Throws: ``VolumeError`` of kind `damaged` where the file has fewer; `what` names them.
  mutating func read(_ count: Int, _ what: String) throws -> [UInt8] {
    let short = VolumeError(
      .damaged, path,
      "ends before its \(what) do (\(count) bytes wanted); the copy is incomplete, copy it again")
    if let gzip {
      guard count <= (plain.count + 1) * 1032 else { throw short }
      let bytes: [UInt8]
      do {
        bytes = try gzip.read(atMost: count)
      } catch {
        throw Self.translate(error, path)
      }
      guard bytes.count == count else { throw short }
      return bytes
    }
    guard count <= plain.count - position else { throw short }
    defer { position += count }
    return Array(plain[position..<position + count])
  }

  /// Reads on to the end: verifies the checksum of a compressed file.
  ///
  /// - Throws: ``VolumeError`` where the file is damaged, or holds more than padding.
  mutating func expectEnd() throws {
    var excess = plain.count - position
    if let gzip {
      do {
        excess = 0
        while !gzip.isAtEnd && excess <= Self.tolerance {
          excess += try gzip.read(atMost: 1 << 14).count
        }
      } catch {
        throw Self.translate(error, path)
      }
    }
    guard excess <= Self.tolerance else {
      throw VolumeError(
        .malformed, path,
        "holds more data than its header declares; its shape or data type is wrong, export it again"
      )
    }
  }

  private static func translate(_ error: any Error, _ path: String) -> VolumeError {
    if case GzipError.corrupt(let words) = error {
      return VolumeError(
        .damaged, path, "cannot be decompressed (\(words)); copy it again from its source")
    }
    return VolumeError(
      .damaged, path, "is a truncated gzip file; the copy is incomplete, copy it again")
  }
}
