/// Comma-separated values as RFC 4180 has them: fields with a comma, a quote or a line break are
/// quoted, quotes doubled. Lines end in LF on writing, in LF or CRLF on reading.
public enum CSV {
  /// One line, its line break included.
  public static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  /// The rows of a text with the line each begins on, empty lines left out.
  ///
  /// A byte order mark at the start, as spreadsheets write it, is skipped.
  /// - Throws: ``EvaluationError`` for a quote left open or text after a closing quote.
  /// - Complexity: O(length).
  public static func rows(
    of text: String
  ) throws(EvaluationError) -> [(line: Int, fields: [String])] {
    var reader = Reader()
    var bytes = text.utf8[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    for byte in bytes { try reader.take(byte) }
    return try reader.finish()
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// The state machine of one pass over the bytes.
  private struct Reader {
    enum State { case start, plain, quoted, quoteInQuoted }
    var state = State.start
    var field: [UInt8] = []
    var fields: [String] = []
    var rows: [(line: Int, fields: [String])] = []
    var line = 1
    var firstLine = 1

    mutating func take(_ byte: UInt8) throws(EvaluationError) {
      defer { if byte == 0x0A { line += 1 } }
      switch (state, byte) {
      case (.quoted, 0x22): state = .quoteInQuoted
      case (.quoted, _): field.append(byte)
      case (.quoteInQuoted, 0x22):
        field.append(byte)
        state = .quoted
      case (_, 0x2C): endField()
      case (_, 0x0A): endRow()
      case (_, 0x0D): break  // Half of CRLF.
      case (.start, 0x22): state = .quoted
      case (.quoteInQuoted, _):
        throw .malformedCSV(line: line, reason: "there is text after a closing quote")
      default:
        field.append(byte)
        state = .plain
      }
    }

    mutating func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
      state = .start
    }

    mutating func endRow() {
      let isEmpty = fields.isEmpty && field.isEmpty && state == .start
      if !isEmpty {
        endField()
        rows.append((line: firstLine, fields: fields))
        fields = []
      }
      firstLine = line + 1
    }

    mutating func finish() throws(EvaluationError) -> [(line: Int, fields: [String])] {
      if state == .quoted {
        throw .malformedCSV(line: firstLine, reason: "a quote is opened and never closed")
      }
      endRow()
      return rows
    }
  }
}
