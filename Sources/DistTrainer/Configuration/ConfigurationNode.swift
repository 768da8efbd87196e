/// A piece of configuration before any meaning is given to it: what YAML can say, with the place it
/// was written at.
///
/// Scalars keep their text, and the type of the key that reads them decides what the text means: a
/// name `no` stays a name, and 1e-3 is never rounded on its way to a `Float`.
public struct ConfigurationNode: Sendable {
  /// What a node may hold.
  public enum Content: Sendable, Equatable {
    /// `null`, `~` or nothing.
    case null
    /// A text, and whether it was written in quotes (and is therefore no number).
    case scalar(String, isQuoted: Bool)
    /// Nodes in order.
    case sequence([ConfigurationNode])
    /// Keys and nodes, in the order written; keys are unique.
    case mapping([Entry])
  }

  /// One key of a mapping and its value.
  public struct Entry: Sendable, Equatable {
    /// The key.
    public var key: String
    /// Where the key was written.
    public var keyMark: ConfigurationMark?
    /// The value.
    public var value: ConfigurationNode

    /// A key with its value.
    public init(key: String, keyMark: ConfigurationMark? = nil, value: ConfigurationNode) {
      self.key = key
      self.keyMark = keyMark
      self.value = value
    }

    /// Equality of key and value, wherever they were written.
    public static func == (left: Entry, right: Entry) -> Bool {
      left.key == right.key && left.value == right.value
    }
  }

  /// What the node holds.
  public var content: Content
  /// Where it was written; `nil` for a default.
  public var mark: ConfigurationMark?

  /// A node with its content.
  public init(_ content: Content, mark: ConfigurationMark? = nil) {
    self.content = content
    self.mark = mark
  }

  /// The entries of a mapping; empty for anything else.
  public var entries: [Entry] {
    if case .mapping(let entries) = content { entries } else { [] }
  }

  /// The elements of a sequence; empty for anything else.
  public var elements: [ConfigurationNode] {
    if case .sequence(let elements) = content { elements } else { [] }
  }

  /// The text of a scalar, quoted or not; `nil` for anything else.
  var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// Whether the node is `null`.
  public var isNull: Bool { content == .null }

  /// The value of a key of a mapping; assigning replaces it in place or appends it, assigning `nil`
  /// removes it. Assigning to a node that is no mapping makes it one.
  public subscript(key: String) -> ConfigurationNode? {
    get { entries.first { $0.key == key }?.value }
    set {
      var entries = self.entries
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (let index?, nil): entries.remove(at: index)
      case (nil, let value?):
        entries.append(Entry(key: key, keyMark: value.mark, value: value))
      case (nil, nil): return
      }
      content = .mapping(entries)
    }
  }

  /// The node as a message names it: its text, or its kind.
  var summary: String {
    switch content {
    case .null: "null"
    case .scalar(let text, let isQuoted): isQuoted ? "the text \"\(text)\"" : text
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension ConfigurationNode: Equatable {
  /// Equality of content, wherever it was written.
  public static func == (left: ConfigurationNode, right: ConfigurationNode) -> Bool {
    left.content == right.content
  }
}
