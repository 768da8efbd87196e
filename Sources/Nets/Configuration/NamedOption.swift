/// A choice among a few names, whose decoding error lists them.
public protocol NamedOption: RawRepresentable<String>, CaseIterable, Codable, Sendable, Hashable {}

extension NamedOption {
  /// Reads a name.
  ///
  /// - Throws: `DecodingError` that lists the valid names.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let value = Self(rawValue: name) else {
      let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(name)' is not one of: \(names)")
    }
    self = value
  }
}

extension KeyedDecodingContainer {
  /// The value at `key`, or `fallback` where the key is absent.
  func value<T: Decodable>(_ key: Key, default fallback: T) throws -> T {
    try decodeIfPresent(T.self, forKey: key) ?? fallback
  }
}
