/// A piece of XML or HTML as a value: whatever its texts hold, what it is written as is well-formed.
///
/// Elements are written so that both kinds of parsers agree on them: elements that HTML knows as
/// empty, and the shapes of SVG, close themselves; all others have an end tag.
public indirect enum Markup: Sendable, Equatable {
  /// An element with its attributes in order and its children.
  case element(String, [Attribute], [Markup])
  /// A text, escaped when it is written.
  case text(String)
  /// Text of our own making that is written as it stands: style sheets and scripts, which HTML does
  /// not unescape. It must hold neither `<` nor `&`, so that XML reads it alike.
  case literal(String)

  /// One attribute of an element.
  public struct Attribute: Sendable, Equatable {
    /// The name; of our own making.
    public var name: String
    /// The value, escaped when it is written.
    public var value: String

    /// A name with its value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// An element with attributes as they are usually written down.
  public static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    .element(name, attributes.map { Attribute($0.key, $0.value) }, children)
  }

  /// An element that holds one text.
  public static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
  ) -> Markup {
    tag(name, attributes, [.text(text)])
  }

  /// The text of this piece and all below it.
  ///
  /// - Complexity: O(length).
  public var written: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// Elements without content.
  private static let empty: Set<String> = [
    "br", "col", "hr", "img", "input", "link", "meta",
    "circle", "line", "path", "polygon", "polyline", "rect",
  ]

  private func write(to text: inout String) {
    switch self {
    case .text(let content): text += Self.escape(content)
    case .literal(let content):
      precondition(!content.contains { "<&".contains($0) }, "a literal would need escaping")
      text += content
    case .element(let name, let attributes, let children):
      text += "<" + name
      for attribute in attributes {
        text += " \(attribute.name)=\"" + Self.escape(attribute.value) + "\""
      }
      if children.isEmpty, Self.empty.contains(name) {
        text += "/>"
        return
      }
      text += ">"
      for child in children { child.write(to: &text) }
      text += "</\(name)>"
    }
  }

  /// A text as content or as an attribute's value.
  ///
  /// What XML 1.0 cannot hold even escaped (control characters, the two non-characters at the end
  /// of the basic plane) becomes the replacement character.
  public static func escape(_ content: String) -> String {
    let isPlain = content.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0x22 && $0 != 0x27
    }
    if isPlain { return content }
    var text = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\t", "\n": text.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        text += "\u{FFFD}"
      case "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
