/// A step that configuration names by its kind, such as `{kind: zscore, region: nonZero}`.
///
/// Every key but `kind` has a default; the empty initializer gives all of them.
public protocol CatalogueEntry: Codable, Sendable, Equatable {
  /// The value of `kind` that names this type.
  static var kind: String { get }

  /// The step with the documented defaults.
  init()

  /// Refuses settings that make no sense.
  ///
  /// - Throws: ``VolumeError`` of kind `setting`.
  func validate() throws
}

/// The key that names an entry's type.
enum KindKey: String, CodingKey { case kind }

extension Decoder {
  /// The type of `catalogue` that `kind` names.
  ///
  /// - Throws: `DecodingError` at `kind`, with the kinds there are.
  func entryType<Entry>(in catalogue: [Entry], kind: (Entry) -> String) throws -> Entry {
    let container = try container(keyedBy: KindKey.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let found = catalogue.first(where: { kind($0) == name }) else {
      let known = catalogue.map(kind).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "\"\(name)\" is unknown; known are \(known)"
      )
    }
    return found
  }
}

/// Refuses a range that is not two ascending finite numbers within `bounds`.
func validate(
  range: [Float], within bounds: ClosedRange<Float>, named name: String
) throws {
  guard range.count == 2, range[0] <= range[1], range.allSatisfy({ bounds.contains($0) }) else {
    throw VolumeError(
      .setting, name,
      "is \(range), but must be two ascending numbers from \(bounds.lowerBound) to "
        + "\(bounds.upperBound)")
  }
}

/// Refuses what is no probability.
func validate(probability: Float, named name: String) throws {
  guard (0...1).contains(probability) else {
    throw VolumeError(.setting, name, "is \(probability), but must be from 0 to 1")
  }
}

/// Refuses what is not three numbers within `bounds`, one for each array axis.
func validate(axes: [Float], within bounds: ClosedRange<Float>, named name: String) throws {
  guard axes.count == 3, axes.allSatisfy({ bounds.contains($0) }) else {
    throw VolumeError(
      .setting, name,
      "is \(axes), but must be three numbers from \(bounds.lowerBound) to \(bounds.upperBound), "
        + "one for each axis")
  }
}

/// Refuses what is not a list of array axes, each at most once.
func validate(phaseAxes axes: [Int], named name: String) throws {
  guard !axes.isEmpty, axes.allSatisfy((0...2).contains), Set(axes).count == axes.count else {
    throw VolumeError(
      .setting, name, "is \(axes), but must be at least one of the axes 0, 1 and 2, each once")
  }
}
