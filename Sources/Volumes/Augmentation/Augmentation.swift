public import CounterRandom

/// A random change of training patches. To add one: a file in this folder that conforms to
/// ``SpatialAugmentation`` or ``IntensityAugmentation``, and a line in ``Augmentations/catalogue``.
public protocol Augmentation: CatalogueEntry {}

/// A change of where a patch's voxels are taken from. All of them make one transform, and the patch
/// is interpolated once, from the whole volume, so that rotations bring no empty corners.
public protocol SpatialAugmentation: Augmentation {
  /// Draws a change and adds it to `transform`.
  func apply(to transform: inout PatchTransform, stream: inout RandomStream)
}

/// A change of the intensities of a patch.
public protocol IntensityAugmentation: Augmentation {
  /// Draws a change for each channel and applies it to `patch`, `[channels, d, h, w]`, in place.
  func apply(to patch: inout MutableSpan<Float>, channels: Int, stream: inout RandomStream)
}

/// The augmentations that configuration can name.
public enum Augmentations {
  /// The types.
  public static let catalogue: [any Augmentation.Type] = [
    Flip.self, RotateScale.self, GaussianNoise.self, Brightness.self, Contrast.self, Gamma.self,
  ]
}

/// Any augmentation of the catalogue, coded as `{kind: …}` with the settings beside.
public struct AnyAugmentation: Codable, Sendable, Equatable {
  /// The augmentation.
  public var value: any Augmentation

  /// Wraps an augmentation.
  public init(_ value: any Augmentation) { self.value = value }

  /// Reads `kind` and then what it names.
  public init(from decoder: any Decoder) throws {
    let type = try decoder.entryType(in: Augmentations.catalogue) { $0.kind }
    value = try type.init(from: decoder)
  }

  /// Writes `kind` and every setting.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: KindKey.self)
    try container.encode(type(of: value).kind, forKey: .kind)
    try value.encode(to: encoder)
  }

  /// Whether both are of one type with equal settings.
  public static func == (a: AnyAugmentation, b: AnyAugmentation) -> Bool {
    func same<Value: Augmentation>(_ value: Value) -> Bool { value == b.value as? Value }
    return same(a.value)
  }
}

/// Runs `body` for the range of each channel of `[channels, …]` with probability `probability`.
///
/// Every channel consumes the decision's draw, whatever it is.
func forEachChannel(
  of patch: inout MutableSpan<Float>, channels: Int, probability: Float,
  stream: inout RandomStream,
  _ body: (inout MutableSpan<Float>, Range<Int>, inout RandomStream) -> Void
) {
  let size = patch.count / channels
  for channel in 0..<channels where stream.uniform() < probability {
    body(&patch, channel * size..<(channel + 1) * size, &stream)
  }
}

extension RandomStream {
  /// A number in [range[0], range[1]].
  mutating func uniform(in range: [Float]) -> Float {
    range[0] + (range[1] - range[0]) * uniform()
  }
}
