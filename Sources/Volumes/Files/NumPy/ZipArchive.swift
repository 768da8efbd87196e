/// A zip archive in memory: stored and deflated members, also of more than 4 GiB (PKWARE, APPNOTE
/// 6.3). No encryption, no parts on several disks.
struct ZipArchive {
  /// A file within the archive, as the directory at its end says.
  struct Member: Equatable {
    var name: String
    var method: Int
    var checksum: UInt32
    var compressedSize: Int
    var size: Int
    /// Where its own header starts.
    var offset: Int
  }

  let path: String
  private let bytes: [UInt8]
  let members: [Member]

  /// Reads the directory of the archive `bytes`, the content of the file `path`.
  ///
  /// - Throws: ``VolumeError``.
  init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    self.bytes = bytes
    let cut = VolumeError(
      .damaged, path,
      "has no directory at its end, as zip files have; the copy is incomplete, copy it again")
    // The end record is 22 bytes and a comment.
    let first = max(0, bytes.count - 22 - 0xFFFF)
    guard bytes.count >= 22,
      let end = stride(from: bytes.count - 22, through: first, by: -1).first(where: {
        Self.number(bytes, $0, 4) == 0x0605_4B50
      })
    else { throw cut }
    var count = Self.number(bytes, end + 10, 2)
    var offset = Self.number(bytes, end + 16, 4)
    if offset == 0xFFFF_FFFF || count == 0xFFFF, end >= 20,
      Self.number(bytes, end - 20, 4) == 0x0706_4B50
    {
      let large = Self.number(bytes, end - 12, 8)
      guard large >= 0, large <= end - 56, Self.number(bytes, large, 4) == 0x0606_4B50 else {
        throw cut
      }
      count = Self.number(bytes, large + 32, 8)
      offset = Self.number(bytes, large + 48, 8)
    }
    var members: [Member] = []
    // A directory entry has 46 bytes and a name.
    guard (0...bytes.count / 46).contains(count), (0...end).contains(offset) else { throw cut }
    for _ in 0..<count {
      guard let (member, next) = try Self.entry(bytes, at: offset, path: path) else { throw cut }
      members.append(member)
      offset = next
    }
    self.members = members
  }

  /// The directory's entry at `offset`, and where the next one starts; nil where there is none.
  private static func entry(
    _ bytes: [UInt8], at offset: Int, path: String
  ) throws -> (Member, next: Int)? {
    guard offset <= bytes.count - 46, number(bytes, offset, 4) == 0x0201_4B50 else { return nil }
    let nameEnd = offset + 46 + number(bytes, offset + 28, 2)
    let extraEnd = nameEnd + number(bytes, offset + 30, 2)
    let next = extraEnd + number(bytes, offset + 32, 2)
    guard next <= bytes.count else { return nil }
    var member = Member(
      name: String(decoding: bytes[(offset + 46)..<nameEnd], as: UTF8.self),
      method: number(bytes, offset + 10, 2),
      checksum: UInt32(truncatingIfNeeded: number(bytes, offset + 16, 4)),
      compressedSize: number(bytes, offset + 20, 4), size: number(bytes, offset + 24, 4),
      offset: number(bytes, offset + 42, 4))
    guard number(bytes, offset + 8, 2) & 1 == 0 else {
      throw VolumeError(.unsupported, path, "is encrypted; save it without a password")
    }
    // The extra field of large files holds what does not fit above, in this order.
    var place = nameEnd
    while place <= extraEnd - 4 {
      let end = place + 4 + number(bytes, place + 2, 2)
      guard end <= extraEnd else { return nil }
      if number(bytes, place, 2) == 1 {
        var at = place + 4
        for field in [\Member.size, \Member.compressedSize, \Member.offset]
        where member[keyPath: field] == 0xFFFF_FFFF {
          guard at <= end - 8 else { return nil }
          member[keyPath: field] = number(bytes, at, 8)
          at += 8
        }
      }
      place = end
    }
    guard member.size >= 0, member.compressedSize >= 0, member.offset >= 0 else { return nil }
    return (member, next)
  }

  /// The content of `member`, at most `limit` bytes of it; the checksum of a whole one is verified.
  ///
  /// - Throws: ``VolumeError``.
  func content(of member: Member, limit: Int? = nil) throws -> [UInt8] {
    let name = "\(path), \(member.name)"
    let cut = VolumeError(
      .damaged, name, "lies outside of the file; the copy is incomplete, copy it again")
    guard member.offset <= bytes.count - 30,
      Self.number(bytes, member.offset, 4) == 0x0403_4B50
    else { throw cut }
    let start =
      member.offset + 30 + Self.number(bytes, member.offset + 26, 2)
      + Self.number(bytes, member.offset + 28, 2)
    guard start <= bytes.count, member.compressedSize <= bytes.count - start else { throw cut }
    let count = min(member.size, limit ?? Int.max)
    let frame: DeflateFrame?
    switch member.method {
    case 0 where member.size == member.compressedSize: frame = nil
    case 0: throw cut
    case 8: frame = .bare
    default:
      throw VolumeError(
        .unsupported, name,
        "is compressed by a method other than deflate (number \(member.method)); save it with "
          + "numpy.savez_compressed")
    }
    var reader = try ContentReader(bytes, from: start, path: name, frame)
    let content = try reader.read(count, "content")
    if count == member.size, Deflater.crc32(content) != member.checksum {
      throw VolumeError(.damaged, name, "has a wrong checksum; copy it again from its source")
    }
    return content
  }

  /// The unsigned number of `size` bytes at `offset`, which must be there.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return Int(truncatingIfNeeded: value)
  }

  // MARK: Writing

  /// The archive of `files`, deflated, without times: equal content is equal bytes.
  ///
  /// - Throws: ``VolumeError`` about `path` for an archive of more than 4 GiB.
  static func archive(
    _ files: [(name: String, content: [UInt8])], path: String
  ) throws -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for file in files {
      let name = Array(file.name.utf8)
      let compressed = Deflater.compress(file.content, .bare)
      // Version 2.0, no flags, deflate, 1980-01-01.
      var fields: [UInt8] = []
      for number: UInt16 in [20, 0, 8, 0, 0x21] { number.append(to: &fields, bigEndian: false) }
      Deflater.crc32(file.content).append(to: &fields, bigEndian: false)
      guard archive.count + compressed.count < 0xFFFF_0000, file.content.count < 0xFFFF_FFFF else {
        throw VolumeError(
          .unsupported, path, "would exceed 4 GiB, more than .npz holds here; write .nrrd instead")
      }
      UInt32(compressed.count).append(to: &fields, bigEndian: false)
      UInt32(file.content.count).append(to: &fields, bigEndian: false)
      UInt16(name.count).append(to: &fields, bigEndian: false)
      UInt16(0).append(to: &fields, bigEndian: false)
      directory += [0x50, 0x4B, 1, 2, 20, 0] + fields + [UInt8](repeating: 0, count: 10)
      UInt32(archive.count).append(to: &directory, bigEndian: false)
      directory += name
      archive += [0x50, 0x4B, 3, 4] + fields + name + compressed
    }
    var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
    UInt16(files.count).append(to: &end, bigEndian: false)
    UInt16(files.count).append(to: &end, bigEndian: false)
    UInt32(directory.count).append(to: &end, bigEndian: false)
    UInt32(archive.count).append(to: &end, bigEndian: false)
    return archive + directory + end + [0, 0]
  }
}
