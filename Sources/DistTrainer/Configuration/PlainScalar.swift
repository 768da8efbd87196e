/// What a scalar without quotes means, by YAML 1.2's core schema (so `no` and `12:30` are texts).
enum PlainScalar {
  static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

  static func bool(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  static func integer<Value: FixedWidthInteger>(_ text: String) -> Value? {
    Value(text)
  }

  /// A finite decimal number; hexadecimal floats, `nan` and `inf`, which Swift reads, are refused.
  static func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ text: String
  ) -> Value? {
    let isDecimal = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
    }
    guard isDecimal, let value = Value(text), value.isFinite else { return nil }
    return value
  }

  /// The number's shortest text that reads back to the same value and that YAML 1.1 readers take
  /// for a number too: they ask for a point before the exponent.
  static func text(of number: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
    let text = number.description
    guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else {
      return text
    }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  /// Whether a text may stand without quotes and be read as a text by every YAML reader.
  static func isSafe(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    // A path may begin with a point or a slash, but `.5` and `.inf` are numbers.
    let opens =
      isLetter(first) || first == 0x2F || text.hasPrefix("./") || text.hasPrefix("../")
      || text == "." || text == ".."
    let allowed = text.utf8.allSatisfy {
      isLetter($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x2F, 0x5F, 0x20].contains($0)
    }
    return opens && allowed && last != 0x20 && !reserved.contains(text.lowercased())
  }

  /// Words that YAML 1.1 or 1.2 readers take for something other than a text.
  private static let reserved: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]
}
