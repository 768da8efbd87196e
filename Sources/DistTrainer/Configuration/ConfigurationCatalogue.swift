/// The kinds that one section of a configuration may name, with the type of each kind's settings.
///
/// Rooms keep their own lists (`Networks.catalogue`, …); `segmpi` hands them over:
/// `ConfigurationCatalogue("network", Networks.catalogue.map { ($0.kind, $0) })`.
public struct ConfigurationCatalogue: Sendable {
  /// A type of settings. Its `Codable` may ask for `kind` or not.
  public typealias Settings = any (Codable & Sendable).Type

  /// What the kinds are kinds of, for messages: `network`, `loss`.
  public let noun: String
  private let types: [(kind: String, type: Settings)]

  /// A catalogue of the kinds given, in the order that messages list them.
  ///
  /// - Precondition: no kind is given twice.
  public init(_ noun: String, _ types: [(kind: String, type: Settings)]) {
    precondition(
      Set(types.map(\.kind)).count == types.count, "a kind of \(noun) is listed twice")
    self.noun = noun
    self.types = types
  }

  /// The names of the kinds.
  public var kinds: [String] { types.map(\.kind) }

  /// Gives a choice its type.
  ///
  /// - Parameters:
  ///   - choice: the kind and its settings.
  ///   - type: what the catalogue's types have in common, for example
  ///     `(any NetworkConfiguration).self`.
  ///   - path: the choice's dotted path, for messages.
  /// - Returns: the settings as the kind's type.
  /// - Throws: ``ConfigurationError`` with every fault; none is left once an
  ///   ``ExperimentConfiguration`` has been read with this catalogue.
  public func decode<Value>(
    _ choice: ConfigurationChoice, as type: Value.Type = Value.self, path: String? = nil
  ) throws(ConfigurationError) -> Value {
    let path = path ?? noun
    let (decoded, faults) = decodeCollecting(choice, path: path)
    guard let decoded, faults.isEmpty else { throw ConfigurationError(faults) }
    guard let value = decoded as? Value else {
      throw ConfigurationError([
        ConfigurationFault(
          path, "names the kind \(choice.kind), which is no \(type)", at: choice.kindMark)
      ])
    }
    return value
  }

  /// The choice with every setting written out, defaults included, and the faults found.
  func resolve(
    _ choice: ConfigurationChoice, path: String
  ) -> (choice: ConfigurationChoice, faults: [ConfigurationFault]) {
    let (decoded, faults) = decodeCollecting(choice, path: path)
    guard let decoded, faults.isEmpty else { return (choice, faults) }
    do {
      var resolved = choice
      resolved.settings = try ConfigurationNode(encoding: decoded)
      resolved.settings["kind"] = nil
      if resolved.settings.isNull { resolved.settings = ConfigurationNode(.mapping([])) }
      return (resolved, [])
    } catch {
      return (choice, [ConfigurationFault(path, "cannot be written back: \(error)")])
    }
  }

  private func decodeCollecting(
    _ choice: ConfigurationChoice, path: String
  ) -> (value: (any Codable & Sendable)?, faults: [ConfigurationFault]) {
    guard let type = types.first(where: { $0.kind == choice.kind })?.type else {
      let remedy = NearestKey.remedy(for: choice.kind, among: kinds, plural: "the kinds")
      let fault = ConfigurationFault(
        path.appending(key: "kind"), "is \(choice.kind), which is no kind of \(noun): \(remedy)",
        at: choice.kindMark)
      return (nil, [fault])
    }
    var node = choice.settings
    // Types that read their own kind find it; for the others it counts as known.
    node["kind"] = ConfigurationNode(
      .scalar(choice.kind, isQuoted: !PlainScalar.isSafe(choice.kind)), mark: choice.kindMark)
    return decode(type, node, path: path)
  }

  private func decode<Value: Codable & Sendable>(
    _ type: Value.Type, _ node: ConfigurationNode, path: String
  ) -> (value: (any Codable & Sendable)?, faults: [ConfigurationFault]) {
    let (value, faults) = node.decodeCollecting(type, path: path, knownKeys: ["kind"])
    return (value, faults)
  }
}
