/// The first key in which two resolved configurations differ, for messages.
struct ConfigurationDifference: CustomStringConvertible {
  /// The dotted path of the key.
  let path: String
  /// What the first has there.
  let old: String
  /// What the second has there.
  let new: String

  /// Compares two documents; nil where they mean the same.
  ///
  /// - Throws: ``ConfigurationError`` where one is no YAML.
  init?(from old: String, to new: String) throws {
    let (old, new) = try (
      ConfigurationNode(yaml: old, name: "the old configuration"),
      ConfigurationNode(yaml: new, name: "the new configuration")
    )
    guard let first = Self.first(old, new, at: "") else { return nil }
    self = first
  }

  private init(path: String, old: String, new: String) {
    self.path = path
    self.old = old
    self.new = new
  }

  /// In words: `training.seed is 1 there and 2 here`.
  var description: String { "\(path) is \(old) there and \(new) here" }

  private static func first(
    _ old: ConfigurationNode?, _ new: ConfigurationNode?, at path: String
  ) -> ConfigurationDifference? {
    guard old != new else { return nil }
    if let old, let new {
      if !old.entries.isEmpty, !new.entries.isEmpty {
        for key in (old.entries + new.entries).map(\.key) {
          if let found = first(old[key], new[key], at: path.appending(key: key)) { return found }
        }
      }
      if !old.elements.isEmpty, old.elements.count == new.elements.count {
        for (index, pair) in zip(old.elements, new.elements).enumerated() {
          let key = path.appending(key: "\(index)")
          if let found = first(pair.0, pair.1, at: key) { return found }
        }
      }
    }
    return ConfigurationDifference(
      path: path, old: old?.summary ?? "absent", new: new?.summary ?? "absent")
  }
}
