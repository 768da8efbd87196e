internal import Evaluation

extension ConfigurationNode {
  /// The node as a YAML document, ending in a line break.
  ///
  /// Equal nodes give equal bytes. Mappings are written in block style; a sequence that holds only
  /// scalars stands on one line.
  public var yaml: String {
    var text = ""
    switch content {
    case .mapping(let entries) where !entries.isEmpty: Self.write(entries, indent: 0, to: &text)
    case .sequence(let elements) where !isInline: Self.write(elements, indent: 0, to: &text)
    default: text = inline + "\n"
    }
    return text
  }

  private static func write(_ entries: [Entry], indent: Int, to text: inout String) {
    for (index, entry) in entries.enumerated() {
      // The first key of a sequence's element follows its dash.
      if index > 0 || !text.hasSuffix("- ") { text += String(repeating: " ", count: indent) }
      text += scalar(entry.key, isQuoted: !PlainScalar.isSafe(entry.key)) + ":"
      switch entry.value.content {
      case .mapping(let inner) where !inner.isEmpty:
        text += "\n"
        write(inner, indent: indent + 2, to: &text)
      case .sequence(let inner) where !entry.value.isInline:
        text += "\n"
        write(inner, indent: indent + 2, to: &text)
      default:
        text += " " + entry.value.inline + "\n"
      }
    }
  }

  private static func write(_ elements: [ConfigurationNode], indent: Int, to text: inout String) {
    for (index, element) in elements.enumerated() {
      if index > 0 || !text.hasSuffix("- ") { text += String(repeating: " ", count: indent) }
      text += "- "
      switch element.content {
      case .mapping(let inner) where !inner.isEmpty: write(inner, indent: indent + 2, to: &text)
      case .sequence(let inner) where !element.isInline:
        write(inner, indent: indent + 2, to: &text)
      default: text += element.inline + "\n"
      }
    }
  }

  /// Whether the node fits on a line: a scalar, something empty, or a sequence of scalars.
  private var isInline: Bool {
    switch content {
    case .null, .scalar: true
    case .mapping(let entries): entries.isEmpty
    case .sequence(let elements):
      elements.allSatisfy { $0.isInline && $0.elements.isEmpty && $0.content != .mapping([]) }
    }
  }

  /// The node on one line, in YAML's flow style (which override messages use for any node).
  var inline: String {
    switch content {
    case .null: "null"
    case .scalar(let text, let isQuoted): Self.scalar(text, isQuoted: isQuoted)
    case .sequence(let elements): "[" + elements.map(\.inline).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{"
        + entries.map {
          Self.scalar($0.key, isQuoted: !PlainScalar.isSafe($0.key)) + ": " + $0.value.inline
        }.joined(separator: ", ") + "}"
    }
  }

  private static func scalar(_ text: String, isQuoted: Bool) -> String {
    let isPlain =
      PlainScalar.isSafe(text) || PlainScalar.bool(text) != nil
      || (PlainScalar.number(text) as Double?) != nil
    // A double-quoted YAML scalar takes JSON's escapes.
    return isQuoted || !isPlain ? JSONValue.string(text).compact : text
  }
}
