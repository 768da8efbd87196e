/// One of several kinds, named by a `kind:` key, with that kind's settings beside it:
/// `{kind: sgd, learningRate: 0.02}`.
///
/// The settings stay a subtree until a ``ConfigurationCatalogue`` gives them a type, so that this
/// room needs to know no network, loss or optimizer.
public struct ConfigurationChoice: Sendable {
  /// The kind's name.
  public var kind: String
  /// The settings: a mapping without `kind`.
  public var settings: ConfigurationNode
  /// Where `kind` was written.
  var kindMark: ConfigurationMark?

  /// A kind with settings, none by default.
  public init(kind: String, settings: ConfigurationNode = ConfigurationNode(.mapping([]))) {
    self.kind = kind
    self.settings = settings
  }
}

extension ConfigurationChoice: Equatable {
  /// Equality of kind and settings, wherever they were written.
  public static func == (left: ConfigurationChoice, right: ConfigurationChoice) -> Bool {
    left.kind == right.kind && left.settings == right.settings
  }
}

extension ConfigurationChoice: Placeholder {
  static var placeholder: ConfigurationChoice { ConfigurationChoice(kind: "") }
}

extension ConfigurationChoice: Codable {
  /// Takes the mapping apart into its kind and the rest.
  public init(from decoder: any Decoder) throws {
    let node = try ConfigurationNode(from: decoder)
    guard case .mapping = node.content else {
      throw Self.error(decoder, "must be a mapping such as {kind: …}, not \(node.summary)")
    }
    guard let kind = node["kind"] else {
      throw Self.error(decoder, "lacks the key kind: add kind: and the name of a kind")
    }
    guard case .scalar(let name, _) = kind.content else {
      throw Self.error(decoder, "has a kind that is \(kind.summary): give the name of a kind")
    }
    self.kind = name
    kindMark = kind.mark
    settings = node
    settings["kind"] = nil
  }

  /// Writes `kind` and then the settings.
  public func encode(to encoder: any Encoder) throws {
    var node = settings
    let kind = ConfigurationNode(.scalar(kind, isQuoted: !PlainScalar.isSafe(kind)))
    node.content = .mapping([ConfigurationNode.Entry(key: "kind", value: kind)] + settings.entries)
    try node.encode(to: encoder)
  }

  private static func error(_ decoder: any Decoder, _ problem: String) -> DecodingError {
    .dataCorrupted(
      DecodingError.Context(codingPath: decoder.codingPath, debugDescription: problem))
  }
}
