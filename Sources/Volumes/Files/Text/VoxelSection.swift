/// How a header in text says that voxels are stored: encoding, and what lies before them.
struct VoxelSection {
  /// How the bytes of voxels are written down.
  enum Encoding: Equatable {
    /// As they are.
    case raw
    /// Compressed.
    case deflated(DeflateFrame)
    /// As numbers in decimal.
    case text
    /// Each byte as two digits.
    case hexadecimal
  }

  var encoding = Encoding.raw
  /// Bytes to pass over first of all.
  var lead = 0
  /// Lines to pass over, before decompression.
  var lineSkip = 0
  /// Bytes to pass over, after decompression; -1 where the voxels end the file.
  var byteSkip = 0

  /// The voxels, `count` of them, in the file `path`, whose content is `bytes`, from `start` on; a longer
  /// grid has `face` more, at least.
  ///
  /// Numbers in decimal come out with the least significant byte first.
  ///
  /// - Throws: ``VolumeError``.
  func read(
    _ bytes: [UInt8], from start: Int, path: String, count: Int, face: Int,
    _ element: ElementType
  ) throws -> [UInt8] {
    guard lead <= bytes.count - start, byteSkip <= bytes.count * Inflater.largestExpansion else {
      throw VolumeError(
        .damaged, path, "has fewer bytes than are to be skipped; copy it again, or correct it")
    }
    let isAttached = start > 0
    var start = start + lead
    for _ in 0..<lineSkip {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else {
        throw VolumeError(
          .damaged, path, "has fewer lines than are to be skipped; copy it again, or correct it")
      }
      start = end + 1
    }
    // Both are bounded by 2^32 and 8.
    let size = count * element.size
    let least = face * element.size
    switch encoding {
    case .raw:
      if byteSkip == -1 {
        guard size <= bytes.count - start else { throw short(size, path) }
        // In a file of its own anything may lie before the voxels; behind its header, nothing does.
        if isAttached, bytes.count - start - size >= least {
          throw Surplus(what: "voxels", unit: "bytes", declared: size, found: bytes.count - start)
            .fault(path)
        }
        return Array(bytes[(bytes.count - size)...])
      }
      return try read(ContentReader(bytes, from: start, path: path, nil), size, least)
    case .deflated(let frame):
      return try read(ContentReader(bytes, from: start, path: path, frame), size, least)
    case .text:
      guard byteSkip >= 0 else { throw short(size, path) }
      return try DecimalVoxels(path: path, count: count).read(
        bytes[start...].dropFirst(byteSkip), element)
    case .hexadecimal:
      return try hexadecimal(bytes[start...].dropFirst(byteSkip), size, path)
    }
  }

  private func read(_ reader: ContentReader, _ size: Int, _ face: Int) throws -> [UInt8] {
    var reader = reader
    try reader.skip(byteSkip, "space before the voxels")
    let voxels = try reader.read(size, "voxels")
    try reader.expectEnd(after: size, face: face, "voxels")
    return voxels
  }

  private func hexadecimal(
    _ digits: ArraySlice<UInt8>, _ size: Int, _ path: String
  ) throws -> [UInt8] {
    guard size <= digits.count / 2 else { throw short(size, path) }
    var voxels: [UInt8] = []
    voxels.reserveCapacity(size)
    var high: UInt8?
    var surplus = 0
    for digit in digits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      case 0x20, 0x09...0x0D: continue
      default:
        throw VolumeError(
          .malformed, path, "holds something else than hexadecimal digits; export it as raw or gzip"
        )
      }
      if voxels.count == size {
        surplus += 1
        continue
      }
      guard let first = high else {
        high = value
        continue
      }
      voxels.append(first << 4 | value)
      high = nil
    }
    guard voxels.count == size else { throw short(size, path) }
    guard surplus == 0 else {
      throw Surplus(what: "voxels", unit: "bytes", declared: size, found: size + (surplus + 1) / 2)
        .fault(path)
    }
    return voxels
  }

  private func short(_ size: Int, _ path: String) -> VolumeError {
    VolumeError(
      .damaged, path,
      "ends before its voxels do (\(size) bytes wanted); the copy is incomplete, copy it again")
  }
}

/// Voxels written as decimal numbers, with white space or commas between them.
struct DecimalVoxels {
  let path: String
  let count: Int

  /// The numbers in `text`, as `element`, the least significant byte first.
  ///
  /// - Throws: ``VolumeError`` where there are fewer or more, or one is no number of its kind.
  func read(_ text: ArraySlice<UInt8>, _ element: ElementType) throws -> [UInt8] {
    // A digit each, and something between them.
    guard count <= (text.count + 1) / 2 else {
      throw VolumeError(
        .damaged, path,
        "ends before its voxels do (\(count) numbers wanted); the copy is incomplete, copy it again"
      )
    }
    func open<Stored: StoredNumber & LosslessStringConvertible>(
      _ type: Stored.Type
    ) throws -> [UInt8] { try read(text, type) }
    return switch element {
    case .uint8: try open(UInt8.self)
    case .uint16: try open(UInt16.self)
    case .uint32: try open(UInt32.self)
    case .uint64: try open(UInt64.self)
    case .int8: try open(Int8.self)
    case .int16: try open(Int16.self)
    case .int32: try open(Int32.self)
    case .int64: try open(Int64.self)
    case .float32: try open(Float.self)
    case .float64: try open(Double.self)
    }
  }

  private func read<Stored: StoredNumber & LosslessStringConvertible>(
    _ text: ArraySlice<UInt8>, _ type: Stored.Type
  ) throws -> [UInt8] {
    var voxels: [UInt8] = []
    voxels.reserveCapacity(count * MemoryLayout<Stored>.size)
    var found = 0
    var position = text.startIndex
    while found < count {
      while position < text.endIndex, Self.isSeparator(text[position]) { position += 1 }
      let start = position
      while position < text.endIndex, !Self.isSeparator(text[position]) { position += 1 }
      guard start < position else {
        throw VolumeError(
          .damaged, path,
          "holds \(found) of \(count) numbers; the copy is incomplete, copy it again")
      }
      let word = String(decoding: text[start..<min(position, start + 64)], as: UTF8.self)
      guard let number = Stored(word) else {
        throw VolumeError(
          .malformed, path,
          "holds \"\(word)\", which is no \(Stored.self), as number \(found); export it again")
      }
      number.append(to: &voxels, bigEndian: false)
      found += 1
    }
    var isSeparated = true
    for byte in text[position...] {
      let isSeparator = Self.isSeparator(byte)
      if isSeparated, !isSeparator { found += 1 }
      isSeparated = isSeparator
    }
    guard found == count else {
      throw Surplus(what: "voxels", unit: "numbers", declared: count, found: found).fault(path)
    }
    return voxels
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) || byte == UInt8(ascii: ",")
  }
}
