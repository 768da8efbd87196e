/// A key set on the command line: `--set training.epochs=5`.
///
/// The value is YAML: `--set training.patch=[64,64,64]`, `--set training.earlyStopping=null`,
/// `--set 'optimizer={kind: adam}'`. A number in the path is a position in a list:
/// `--set augmentation.0.probability=0.5`.
public struct ConfigurationOverride: Sendable, Equatable {
  /// The keys from the top.
  public let path: [String]
  /// What the key is set to.
  public let value: ConfigurationNode
  /// The text it was made from, for messages.
  public let text: String

  /// Reads `key=value`.
  ///
  /// - Throws: ``ConfigurationError`` when there is no `=`, a key is empty or the value is not YAML.
  public init(_ text: String) throws(ConfigurationError) {
    self.text = text
    let mark = ConfigurationMark.override(text)
    guard let equals = text.firstIndex(of: "=") else {
      throw ConfigurationError([
        ConfigurationFault("", "has an override without a value: write key=value", at: mark)
      ])
    }
    let keys = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    guard keys.allSatisfy({ !$0.isEmpty }) else {
      throw ConfigurationError([
        ConfigurationFault(
          "", "has an override with an empty key: write section.key=value", at: mark)
      ])
    }
    path = keys.map { String($0) }
    do {
      value = try ConfigurationNode(
        yaml: String(text[text.index(after: equals)...]), name: "--set"
      ).marked(mark)
    } catch {
      throw ConfigurationError(
        error.faults.map {
          ConfigurationFault(keys.joined(separator: "."), $0.problem, at: mark)
        })
    }
  }
}

extension ConfigurationNode {
  /// Sets a key, making the mappings on the way to it.
  ///
  /// - Throws: ``ConfigurationError`` when the way leads through a scalar or past the end of a list.
  public mutating func apply(_ override: ConfigurationOverride) throws(ConfigurationError) {
    try set(override.path[...], to: override.value, done: "", mark: .override(override.text))
  }

  private mutating func set(
    _ path: ArraySlice<String>, to value: ConfigurationNode, done: String,
    mark: ConfigurationMark
  ) throws(ConfigurationError) {
    guard let key = path.first else {
      self = value
      return
    }
    let here = done.appending(key: key)
    switch content {
    case .sequence(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        throw ConfigurationError([
          ConfigurationFault(
            here, "is no element: the list has \(elements.count), counted from 0", at: mark)
        ])
      }
      try elements[index].set(path.dropFirst(), to: value, done: here, mark: mark)
      content = .sequence(elements)
    case .scalar:
      throw ConfigurationError([
        ConfigurationFault(here, "is no key: \(done) is \(summary), no mapping", at: mark)
      ])
    case .null, .mapping:
      var child = self[key] ?? ConfigurationNode(.null, mark: mark)
      try child.set(path.dropFirst(), to: value, done: here, mark: mark)
      var entries = self.entries
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = child
      } else {
        entries.append(Entry(key: key, keyMark: mark, value: child))
      }
      content = .mapping(entries)
    }
  }

  /// The node with every place replaced by `mark`.
  func marked(_ mark: ConfigurationMark) -> ConfigurationNode {
    switch content {
    case .null, .scalar: ConfigurationNode(content, mark: mark)
    case .sequence(let elements):
      ConfigurationNode(.sequence(elements.map { $0.marked(mark) }), mark: mark)
    case .mapping(let entries):
      ConfigurationNode(
        .mapping(
          entries.map { Entry(key: $0.key, keyMark: mark, value: $0.value.marked(mark)) }),
        mark: mark)
    }
  }

  /// Where the node at a dotted path, or the nearest one above it, was written.
  func mark(at path: String) -> ConfigurationMark? {
    var node = self
    var mark: ConfigurationMark?
    for key in path.split(separator: ".") {
      let next: ConfigurationNode?
      if let index = Int(key), node.elements.indices.contains(index) {
        next = node.elements[index]
      } else {
        next = node[String(key)]
      }
      guard let next else { return mark }
      mark = next.mark ?? mark
      node = next
    }
    return mark
  }
}
