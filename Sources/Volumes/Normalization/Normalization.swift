/// A rule that brings intensities to a common scale, each channel for itself.
public protocol Normalization: CatalogueEntry {
  /// Rescales the voxels of one channel, which are those at `range`, in place.
  ///
  /// `channel` is its number, for rules that know channels apart.
  func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>, channel: Int)
}

/// A rule that must see a set of images before it can be applied: the training subjects of a fold,
/// and no others.
public protocol LearnedNormalization: Normalization {
  /// Whether it has been learned.
  var isLearned: Bool { get }
  /// What one channel of one image, which is at `range`, contributes.
  func measure(_ voxels: Span<Float>, in range: Range<Int>) -> [Double]
  /// The rule as learned from what ``measure(_:in:)`` found, `[subject][channel]`; the order of the
  /// subjects may change last bits.
  func learned(from measured: [[[Double]]]) -> Self
}

/// The rules that configuration can name. To add one: a file beside this, a line here.
public enum Normalizations {
  /// The types.
  public static let catalogue: [any Normalization.Type] = [
    ZScore.self, NoNormalization.self, Clip.self, Rescale.self, OutlierZScore.self, Nyul.self,
  ]
}

/// Any normalization of the catalogue, coded as `{kind: …}` with the settings beside.
public struct AnyNormalization: Codable, Sendable, Equatable {
  /// The rule.
  public var value: any Normalization

  /// Wraps a rule.
  public init(_ value: any Normalization) { self.value = value }

  /// Reads `kind` and then what it names.
  public init(from decoder: any Decoder) throws {
    let type = try decoder.entryType(in: Normalizations.catalogue) { $0.kind }
    value = try type.init(from: decoder)
  }

  /// Writes `kind` and every setting.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    try container.encode(type(of: value).kind, forKey: .kind)
    try value.encode(to: encoder)
  }

  /// Whether both are of one type with equal settings.
  public static func == (a: AnyNormalization, b: AnyNormalization) -> Bool {
    func same<Value: Normalization>(_ value: Value) -> Bool { value == b.value as? Value }
    return same(a.value)
  }
}

extension Volume {
  /// The volume with every channel rescaled by `rule`.
  public func normalized(by rule: any Normalization) -> Volume {
    var result = self
    result.normalize(by: rule)
    return result
  }

  /// Rescales every channel by `rule`.
  mutating func normalize(by rule: any Normalization) {
    let (channels, count) = (channels, geometry.count)
    var span = voxels.mutableSpan
    for channel in 0..<channels {
      rule.apply(to: &span, in: channel * count..<(channel + 1) * count, channel: channel)
    }
  }
}
