/// One entry of a catalogue, as a configuration writes it: `{kind: unet, features: 16, …}`.
public struct Choice<C: Catalogue>: Codable, Sendable, Equatable {
  private let stored: any CatalogueEntry

  /// The entry.
  public var value: C.Entry {
    guard let value = stored as? C.Entry else {
      preconditionFailure("\(type(of: stored)) stands in the wrong catalogue")
    }
    return value
  }

  /// The name that chose it.
  public var kind: String { type(of: stored).kind }

  /// The choice of an entry that code has made.
  public init(_ value: C.Entry) {
    guard let entry = value as? any CatalogueEntry else {
      preconditionFailure("\(type(of: value)) is no entry of a catalogue")
    }
    stored = entry
  }

  /// Reads `kind`, then the other keys as that entry reads them.
  ///
  /// - Throws: `DecodingError` that lists the catalogue where `kind` is missing or unknown.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: KindKey.self)
    let names = C.catalogue.map { $0.kind }.joined(separator: ", ")
    guard let kind = try container.decodeIfPresent(String.self, forKey: .kind) else {
      throw DecodingError.keyNotFound(
        KindKey.kind,
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "the \(C.subject) needs a kind, one of: \(names)"))
    }
    guard let type = C.catalogue.first(where: { $0.kind == kind }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container,
        debugDescription: "there is no \(C.subject) called '\(kind)'; choose one of: \(names)")
    }
    stored = try type.init(from: decoder)
  }

  /// Writes the entry's keys and `kind`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    try container.encode(kind, forKey: .kind)
    try stored.encode(to: encoder)
  }

  /// Whether both are the same entry with the same values.
  public static func == (a: Self, b: Self) -> Bool { a.stored.equals(b.stored) }

  /// What is wrong with the entry's values.
  public func problems() -> [ConfigurationProblem] { stored.problems() }
}

private enum KindKey: String, CodingKey { case kind }

extension CatalogueEntry {
  fileprivate func equals(_ other: any CatalogueEntry) -> Bool { (other as? Self) == self }
}
