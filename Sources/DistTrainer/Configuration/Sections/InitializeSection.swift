public import Nets

/// `initialize`: which weights training begins with, where not all are drawn by the network's own
/// rule.
///
/// First every parameter is drawn; then `draw` draws some of them anew; then `from` takes some out of a
/// file. Patterns name parameters; `*` in them stands for any number of characters.
public struct InitializeSection: ConfigurationSection {
  /// Parameters drawn by a rule of their own, in order; the last that matches decides.
  public var draw: [DrawSection] = []
  /// A file in safetensors format, or the folder of a run, whose fold of the same number is taken;
  /// `null`: none.
  public var from: String?
  /// Which checkpoint of a run's fold is taken: `best`, `final` or `latest`.
  public var checkpoint = TransferSource.best
  /// How names in the file become names of this network's parameters: patterns and what takes their
  /// place, each `*` there standing for what the pattern's `*` of the same place found. The first
  /// pattern that matches counts; names that none matches stay as they are.
  public var map = NameMap()
  /// Parameters of this network that may be loaded; empty: all.
  public var only: [String] = []
  /// Whether a weight for several input channels may be loaded for one channel, as the sum over them:
  /// what a network for color computes of a gray image given in each channel.
  public var sumInputChannels = false

  /// All keys at their defaults.
  public init() {}
}

/// `initialize.draw.N`: parameters and how they are drawn.
public struct DrawSection: ConfigurationSection {
  /// Patterns of the parameters' names.
  public var parameters: [String] = []
  /// How they are drawn.
  public var initializer = InitializerChoice(GaussianInitializer())

  /// All keys at their defaults.
  public init() {}
}

/// Which checkpoint of a run's fold weights are taken from.
public enum TransferSource: String, Codable, Sendable, CaseIterable {
  /// The one that was best by the run's `training.quantity`.
  case best
  /// The one after the last step.
  case final
  /// The last one saved.
  case latest
}

/// `initialize.map`: patterns and what takes their place, in the order written.
public struct NameMap: ConfigurationSection {
  /// A pattern and what takes its place.
  public struct Rule: Sendable, Equatable {
    /// The pattern of a name in the file.
    public var pattern: String
    /// The name, or names, of this network's parameters.
    public var replacement: String

    /// A rule.
    public init(_ pattern: String, _ replacement: String) {
      self.pattern = pattern
      self.replacement = replacement
    }
  }

  /// The rules.
  public var rules: [Rule] = []

  /// No rule.
  public init() {}

  /// These rules.
  public init(_ rules: [Rule]) { self.rules = rules }

  /// Reads a mapping of patterns to replacements.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NameKey.self)
    for name in container.allKeys {
      rules.append(Rule(name.stringValue, try container.decode(String.self, forKey: name)))
    }
  }

  /// Writes the mapping, in order.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NameKey.self)
    for rule in rules {
      try container.encode(rule.replacement, forKey: NameKey(stringValue: rule.pattern))
    }
  }
}
