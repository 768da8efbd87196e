public import CounterRandom

/// A random change of training patches. To add one: a file below this folder that conforms to
/// ``SpatialAugmentation`` or ``IntensityAugmentation``, and a line in ``Augmentations/catalogue``.
///
/// What is drawn depends on a stream's name alone, never on what other changes drew: each change of a
/// list has a stream of its own, and draws as many numbers whatever it decides.
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
  func apply(to patch: inout MutableSpan<Float>, grid: PatchGrid, stream: inout RandomStream)
}

/// A choice among changes.
public protocol AugmentationCombinator: Augmentation {
  /// Draws which of the changes within happen, as places among ``steps``.
  func chosen(_ stream: inout RandomStream) -> [Int]
  /// All changes within.
  var steps: [AnyAugmentation] { get }
}

/// What an intensity change knows of the patch.
public struct PatchGrid: Sendable, Equatable {
  /// The number of channels.
  public let channels: Int
  /// The extents (d, h, w).
  public let size: [Int]

  /// A patch of `channels` channels of `size` voxels.
  public init(channels: Int, size: [Int]) {
    precondition(size.count == 3, "three axes")
    self.channels = channels
    self.size = size
  }

  /// The voxels of a channel.
  public var count: Int { size[0] * size[1] * size[2] }
}

/// The augmentations that configuration can name.
public enum Augmentations {
  /// The types.
  public static let catalogue: [any Augmentation.Type] = [
    Flip.self, Rotate90.self, RotateScale.self, Rotation.self, AffineAugmentation.self,
    Elastic.self,
    GaussianNoise.self, RicianNoise.self, GaussianBlur.self, MotionBlur.self, LowResolution.self,
    Brightness.self, Contrast.self, Gamma.self, BiasField.self,
    Motion.self, Ghosting.self, FoldOver.self,
    OneOf.self, Sometimes.self,
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

/// Runs `body` for the range of each channel of `[channels, …]` with probability `probability`, each
/// time with a stream of its own: what `body` draws moves no other channel's numbers.
func forEachChannel(
  of patch: inout MutableSpan<Float>, grid: PatchGrid, probability: Float,
  stream: inout RandomStream,
  _ body: (inout MutableSpan<Float>, Range<Int>, inout RandomStream) -> Void
) {
  precondition(patch.count == grid.channels * grid.count, "the voxels fill the grid")
  for channel in 0..<grid.channels {
    let happens = stream.uniform() < probability
    var own = RandomStream(seed: stream.next(), "channel")
    if happens { body(&patch, channel * grid.count..<(channel + 1) * grid.count, &own) }
  }
}

extension RandomStream {
  /// A number in [range[0], range[1]].
  mutating func uniform(in range: [Float]) -> Float {
    range[0] + (range[1] - range[0]) * uniform()
  }

  /// A direction drawn evenly from the sphere.
  mutating func direction() -> SIMD3<Double> {
    // Uniform along the axis and about it (Archimedes).
    let height = 2 * Double(uniform()) - 1
    let angle = 2 * Double.pi * Double(uniform())
    let radius = max(0, 1 - height * height).squareRoot()
    return SIMD3(radius * cosine(angle), radius * sine(angle), height)
  }
}

extension KeyedDecodingContainer {
  /// The value at `key`, or `fallback` where it is absent.
  func decode<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? fallback
  }
}
