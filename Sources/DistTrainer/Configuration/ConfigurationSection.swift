/// A group of keys whose defaults are the property values of `init()`.
///
/// The decoder lays the document over those defaults, so that a section is a plain struct with
/// synthesized `Codable` and its defaults stand at its properties and nowhere else. (Types of other
/// rooms need not conform: they may use `decodeIfPresent`.)
public protocol ConfigurationSection: Codable, Sendable, Equatable {
  /// The section with every key at its default.
  init()
}

/// A value that stands in for one that could not be decoded, so that decoding can go on and find
/// the other faults. It never reaches a caller: an error is thrown at the end.
protocol Placeholder {
  static var placeholder: Self { get }
}

extension Array: Placeholder {
  static var placeholder: [Element] { [] }
}

extension Dictionary: Placeholder {
  static var placeholder: [Key: Value] { [:] }
}

extension Optional: Placeholder {
  static var placeholder: Wrapped? { nil }
}

/// The stand-in of a type that has one.
func placeholder<Value>(for type: Value.Type) -> Value? {
  if let type = type as? any Placeholder.Type { return type.placeholder as? Value }
  if let type = type as? any ConfigurationSection.Type { return type.init() as? Value }
  if let type = type as? any CaseIterable.Type { return firstCase(of: type) as? Value }
  return nil
}

/// The names of a closed set of choices, or `nil` for other types.
func names(of type: Any.Type) -> [String]? {
  guard let type = type as? any CaseIterable.Type else { return nil }
  return rawNames(of: type)
}

private func firstCase<Value: CaseIterable>(of type: Value.Type) -> Value? { type.allCases.first }

private func rawNames<Value: CaseIterable>(of type: Value.Type) -> [String]? {
  let names = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  return names.isEmpty ? nil : names
}
