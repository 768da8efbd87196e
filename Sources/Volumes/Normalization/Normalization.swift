/// A rule that brings intensities to a common scale, each channel for itself.
public protocol Normalization: CatalogueEntry {
  /// Rescales the voxels of one channel, which are those at `range`, in place.
  func apply(to voxels: inout MutableSpan<Float>, in range: Range<Int>)
}

/// The rules that configuration can name. To add one: a file beside this, a line here.
public enum Normalizations {
  /// The types.
  public static let catalogue: [any Normalization.Type] = [
    ZScore.self, NoNormalization.self,
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
    var span = result.voxels.mutableSpan
    for channel in 0..<channels {
      rule.apply(to: &span, in: channel * geometry.count..<(channel + 1) * geometry.count)
    }
    return result
  }
}
