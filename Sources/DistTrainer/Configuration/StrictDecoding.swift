extension ConfigurationNode {
  /// Decodes a value, finding every fault of the node in one reading: unknown keys (with the
  /// nearest known one), wrong types, missing keys, values outside a closed set.
  ///
  /// The known keys are those that the type asks for while it decodes, so that no type lists them
  /// twice, and defaults may come from ``ConfigurationSection`` or from `decodeIfPresent`.
  ///
  /// - Parameters:
  ///   - type: the type to decode.
  ///   - path: the node's dotted path in its document, for messages.
  /// - Returns: the value.
  /// - Throws: ``ConfigurationError`` with all faults.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, path: String = ""
  ) throws(ConfigurationError) -> Value {
    let (value, faults) = decodeCollecting(type, path: path)
    guard let value, faults.isEmpty else { throw ConfigurationError(faults) }
    return value
  }

  /// Decodes a value and returns the faults instead of throwing them. With faults, the value (where
  /// there is one) holds placeholders and is of use only for looking further.
  func decodeCollecting<Value: Decodable>(
    _ type: Value.Type, path: String, knownKeys: Set<String> = []
  ) -> (value: Value?, faults: [ConfigurationFault]) {
    let reading = Reading()
    let asked = AskedKeys()
    asked.keys = knownKeys
    let place = DecodingPlace(
      node: self, defaults: nil, path: path, codingPath: [], asked: asked, reading: reading)
    let value = try? place.decode(type)
    asked.reportStrays(in: self, path: path, to: reading)
    if value == nil, reading.faults.isEmpty {
      reading.faults.append(ConfigurationFault(path, "cannot be read", at: mark))
    }
    return (value, reading.faults)
  }
}

/// The faults found in one reading.
final class Reading {
  var faults: [ConfigurationFault] = []
}

/// Thrown to leave a type's `init(from:)` once its fault has been noted.
struct Abandoned: Error {}

/// Thrown by a single-value container: faults that count unless the type tries something else, as
/// one that is a number or a list does.
struct ProbeFailed: Error {
  let faults: [ConfigurationFault]
}

/// Which keys of a mapping were asked for, and the same for what lies below it.
final class AskedKeys {
  var keys: Set<String> = []
  /// The whole node was taken as it is (a dictionary, a subtree), so no key of it is a stray.
  var takesAll = false
  /// Decoding broke off: the keys not asked for are not known to be strays.
  var isIncomplete = false
  private var children: [String: AskedKeys] = [:]

  func child(_ key: String) -> AskedKeys {
    if let child = children[key] { return child }
    let child = AskedKeys()
    children[key] = child
    return child
  }

  /// Notes a fault for every key of the document that nobody asked for.
  func reportStrays(in node: ConfigurationNode, path: String, to reading: Reading) {
    guard !takesAll else { return }
    for (index, element) in node.elements.enumerated() {
      children["\(index)"]?.reportStrays(
        in: element, path: path.appending(key: "\(index)"), to: reading)
    }
    for entry in node.entries {
      let entryPath = path.appending(key: entry.key)
      if keys.contains(entry.key) {
        children[entry.key]?.reportStrays(in: entry.value, path: entryPath, to: reading)
      } else if !isIncomplete {
        let remedy = NearestKey.remedy(
          for: entry.key, among: keys.sorted(), plural: "the keys here")
        reading.faults.append(
          ConfigurationFault(entryPath, "is an unknown key: \(remedy)", at: entry.keyMark))
      }
    }
  }
}
