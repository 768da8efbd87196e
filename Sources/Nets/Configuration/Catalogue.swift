/// Something that a configuration chooses by its `kind`: a network, a loss, an optimizer, ….
///
/// Every key but `kind` has a default, so that `{kind: unet}` is complete.
public protocol CatalogueEntry: Codable, Sendable, Equatable {
  /// The name in a configuration, in camel case.
  static var kind: String { get }

  /// What is wrong with the values, all of it; empty where nothing is.
  func problems() -> [ConfigurationProblem]
}

extension CatalogueEntry {
  /// The default finds no fault.
  public func problems() -> [ConfigurationProblem] { [] }
}

/// The entries that one place of a configuration may name.
///
/// Add an entry with one file in the catalogue's folder and one line in its `catalogue`.
public protocol Catalogue: Sendable {
  /// What all entries are, for example `any NetworkConfiguration`.
  associatedtype Entry: Sendable
  /// What an entry is called in errors, for example `network`.
  static var subject: String { get }
  /// The types that may be named, in the order in which errors list them.
  static var catalogue: [any CatalogueEntry.Type] { get }
}

/// One fault in a configuration: the key it is about, and a sentence that continues the key.
public struct ConfigurationProblem: Error, Equatable, CustomStringConvertible {
  /// The key, dotted below the section, for example `kernel` or `terms.1.weight`.
  public let key: String
  /// What is wrong and how to mend it, continuing the key.
  public let message: String

  /// A fault of the value at `key`.
  public init(_ key: String, _ message: String) {
    self.key = key
    self.message = message
  }

  /// The same fault seen from the section that holds `prefix`.
  public func under(_ prefix: String) -> ConfigurationProblem {
    ConfigurationProblem("\(prefix).\(key)", message)
  }

  /// The key followed by the message.
  public var description: String { "\(key) \(message)" }
}

/// Collects the faults of a section, one check a line.
struct ProblemList {
  private(set) var problems: [ConfigurationProblem] = []

  /// Notes a fault of `key` unless `condition` holds.
  mutating func require(_ condition: Bool, _ key: String, _ message: @autoclosure () -> String) {
    if !condition { problems.append(ConfigurationProblem(key, message())) }
  }

  /// Notes a fault of `key` unless its number lies in `range`.
  mutating func require(_ key: String, _ value: Int, in range: ClosedRange<Int>) {
    require(
      range.contains(value), key,
      "is \(value); it must lie in \(range.lowerBound) … \(range.upperBound)")
  }

  /// Notes faults of the keys `normEpsilon` and `normMomentum`.
  mutating func checkNormalization(epsilon: Double, momentum: Double) {
    require(
      epsilon > 0 && epsilon.isFinite, "normEpsilon", "is \(epsilon); it must be positive")
    require(
      momentum > 0 && momentum <= 1, "normMomentum",
      "is \(momentum); it must be above 0 and at most 1")
  }

  /// Takes over the faults of a section within this one.
  mutating func include(_ others: [ConfigurationProblem], under prefix: String) {
    problems += others.map { $0.under(prefix) }
  }
}
