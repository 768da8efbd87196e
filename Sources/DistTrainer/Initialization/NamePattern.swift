/// A pattern of names, in which each `*` stands for any number of characters.
struct NamePattern: Sendable, Equatable {
  /// The pattern as it is written.
  let text: String
  private let parts: [String]

  /// Reads a pattern.
  init(_ text: String) {
    self.text = text
    parts = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
  }

  /// How many `*` there are.
  var wildcards: Int { parts.count - 1 }

  /// What each `*` stands for in `name`, the earlier ones as little as can be; nil where the name does
  /// not match.
  func match(_ name: String) -> [String]? {
    var rest = Substring(name)
    guard rest.hasPrefix(parts[0]) else { return nil }
    rest = rest.dropFirst(parts[0].count)
    guard wildcards > 0 else { return rest.isEmpty ? [] : nil }
    var captures: [String] = []
    for part in parts.dropFirst().dropLast() {
      guard let place = Self.first(part, in: rest) else { return nil }
      captures.append(String(rest[..<place]))
      rest = rest[place...].dropFirst(part.count)
    }
    let last = parts[parts.count - 1]
    guard rest.hasSuffix(last), rest.count >= last.count else { return nil }
    captures.append(String(rest.dropLast(last.count)))
    return captures
  }

  /// Whether `name` matches.
  func matches(_ name: String) -> Bool { match(name) != nil }

  /// The pattern with what its `*` stand for.
  func filled(with captures: [String]) -> String {
    var result = parts[0]
    for (part, capture) in zip(parts.dropFirst(), captures) { result += capture + part }
    return result
  }

  private static func first(_ part: String, in text: Substring) -> Substring.Index? {
    var place = text.startIndex
    while true {
      if text[place...].hasPrefix(part) { return place }
      guard place < text.endIndex else { return nil }
      place = text.index(after: place)
    }
  }
}
