/// The lines of a header in text that starts a file.
struct HeaderLines {
  /// Headers longer than this are refused: they are no headers.
  static let largest = 1 << 20

  private let bytes: [UInt8]
  /// Where the next line starts.
  private(set) var position = 0

  /// The lines of `bytes`.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next line without its end (a line feed, with or without a carriage return); nil at the end of
  /// the file, or where the header is too long.
  mutating func next() -> String? {
    guard position < min(bytes.count, Self.largest) else { return nil }
    let rest = bytes[position...]
    let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
    var line = rest[..<end]
    if line.last == 0x0D { line.removeLast() }
    position = min(end + 1, bytes.count)
    return String(decoding: line, as: UTF8.self)
  }
}

/// Pieces of a header's text.
enum HeaderText {
  /// `text` without spaces at its ends.
  static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  /// The words of `text`.
  static func words(_ text: some StringProtocol) -> [Substring] {
    Substring(text).split(whereSeparator: \.isWhitespace)
  }

  /// The integers in `text`; nil where anything else is in it.
  static func integers(_ text: some StringProtocol) -> [Int]? {
    let words = words(text)
    let numbers = words.compactMap { Int($0) }
    return numbers.count == words.count ? numbers : nil
  }

  /// The numbers in `text`; nil where anything else is in it.
  static func numbers(_ text: some StringProtocol) -> [Double]? {
    let words = words(text)
    let numbers = words.compactMap { Double($0) }
    return numbers.count == words.count ? numbers : nil
  }
}

extension Affine {
  /// The map into RAS+ of one into DICOM's space ("LPS+": +x left, +y posterior), and back: exact.
  var changingLPS: Affine { Affine(rows: [0 - rows[0], 0 - rows[1], rows[2]]) }

  /// The map with `columns` for some of the first axes; the others, which have one voxel, are made
  /// perpendicular, one millimeter long.
  init(someColumns columns: [SIMD3<Double>], origin: SIMD3<Double>) {
    var columns = columns
    if columns.isEmpty { columns.append(SIMD3(1, 0, 0)) }
    if columns.count == 1 {
      // The axis of space that the first column is least parallel to.
      let sizes = (0..<3).map { abs(columns[0][$0]) }
      let least = (0..<3).min { sizes[$0] < sizes[$1] } ?? 0
      var unit = SIMD3<Double>.zero
      unit[least == 2 && sizes[1] == sizes[2] ? 1 : least] = 1
      let length = (columns[0] * columns[0]).sum()
      let rest = length > 0 ? unit - columns[0] * ((unit * columns[0]).sum() / length) : unit
      columns.append(rest / (rest * rest).sum().squareRoot())
    }
    if columns.count == 2 {
      let normal = cross(columns[0], columns[1])
      let length = (normal * normal).sum().squareRoot()
      columns.append(length > 0 ? normal / length : SIMD3(0, 0, 1))
    }
    self.init(columns: columns, origin: origin)
  }
}
