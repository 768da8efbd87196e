/// One record of a TensorBoard event file: an `Event` of TensorFlow's `event.proto` in the frame of
/// a TFRecord.
///
/// The frame is the content's length (8 bytes), the length's masked checksum (4), the content, the
/// content's masked checksum (4), all little-endian.
struct EventRecord: Equatable {
  /// What a record tells.
  enum Content: Equatable {
    /// The file's version; the first record of every file.
    case version
    /// Numbers by tag.
    case scalars([Scalar])
  }

  /// A number under a name.
  struct Scalar: Equatable {
    var tag: String
    var value: Float
  }

  /// When the record was written, in seconds since 1970.
  var wallTime: Double
  /// The step of training that it belongs to.
  var step: Int
  /// What it tells.
  var content: Content

  /// The record's bytes, its frame included.
  var bytes: [UInt8] {
    let event = message
    let length = Self.littleEndian(UInt64(event.count), count: 8)
    return length + Self.littleEndian(UInt64(CRC32C.masked(length)), count: 4) + event
      + Self.littleEndian(UInt64(CRC32C.masked(event)), count: 4)
  }

  /// The protocol buffer: `wall_time` = 1, `step` = 2, `file_version` = 3, `summary` = 5; a summary's
  /// `value` = 1, of which `tag` = 1 and `simple_value` = 2.
  private var message: [UInt8] {
    var message = [Self.key(1, .fixed64)] + Self.littleEndian(wallTime.bitPattern, count: 8)
    // A protocol buffer leaves out what is zero.
    if step != 0 {
      message += [Self.key(2, .varint)] + Self.varint(UInt64(bitPattern: Int64(step)))
    }
    switch content {
    case .version: message += Self.field(3, Array("brain.Event:2".utf8))
    case .scalars(let scalars):
      let values = scalars.flatMap { scalar in
        Self.field(
          1,
          Self.field(1, Array(scalar.tag.utf8)) + [Self.key(2, .fixed32)]
            + Self.littleEndian(UInt64(scalar.value.bitPattern), count: 4))
      }
      message += Self.field(5, values)
    }
    return message
  }

  /// How protocol buffers store a value.
  private enum Wire: UInt8 {
    case varint = 0
    case fixed64 = 1
    case counted = 2
    case fixed32 = 5
  }

  private static func key(_ field: UInt8, _ wire: Wire) -> UInt8 { field << 3 | wire.rawValue }

  /// A field of counted bytes.
  private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [key(number, .counted)] + varint(UInt64(content.count)) + content
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func littleEndian(_ value: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }
}

extension EventRecord {
  /// How many bytes of an event file to keep when training goes on after a step: all records before
  /// the first of a later step, and before the first that is cut short or damaged.
  ///
  /// - Complexity: O(bytes).
  static func length(of file: [UInt8], upTo step: Int) -> Int {
    var kept = 0
    while let event = content(in: file, at: kept) {
      guard let found = Self.step(in: event), found <= step else { break }
      kept += event.count + 16
    }
    return kept
  }

  /// The content of the record that begins at a place; nil where there is no whole one.
  private static func content(in file: [UInt8], at start: Int) -> ArraySlice<UInt8>? {
    guard file.count - start >= 16 else { return nil }
    let length = number(file[start..<(start + 8)])
    // Lengths are checked against what is there before anything is calculated with them.
    guard length <= UInt64(file.count - start - 16),
      number(file[(start + 8)..<(start + 12)]) == UInt64(CRC32C.masked(file[start..<(start + 8)]))
    else { return nil }
    let end = start + 12 + Int(length)
    let event = file[(start + 12)..<end]
    guard number(file[end..<(end + 4)]) == UInt64(CRC32C.masked(event)) else { return nil }
    return event
  }

  /// The step of an event; nil for bytes that are no event of ours.
  private static func step(in event: ArraySlice<UInt8>) -> Int? {
    // Fields come in ascending order: wall_time, then step where it is not zero.
    guard event.count >= 9, event.first == key(1, .fixed64) else { return nil }
    let rest = event.dropFirst(9)
    guard rest.first == key(2, .varint) else { return 0 }
    var step: UInt64 = 0
    for (place, byte) in rest.dropFirst().prefix(9).enumerated() {
      step |= UInt64(byte & 0x7F) << (7 * UInt64(place))
      if byte & 0x80 == 0 { return Int(exactly: step) }
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
