/// The volume networks of the Imperial College knee segmentation project: a U-Net by pooling and a
/// "V-Net" by strided convolutions and residual sums, in three sizes, each also with the patch's
/// position as a second input, over slabs, or without long skips.
///
/// Level i has n 2^i maps. A block is two convolutions (three in the large network with position)
/// of kernel 3, each followed by normalization, ReLU and spatial dropout, and one normalization
/// serves them all. Tiny has 2 levels, small 3, large 5, with a kernel of 5 in the first block and
/// of 2 at the bottom (3 with position). ``Mode/vnet`` goes down by a convolution of kernel 3 and
/// stride 2 with SELU, adds its input to a block on the way down, and what was raised to a block on
/// the way up. Up: nearest neighbor, a convolution of kernel 2, normalization, ReLU. The head is a
/// convolution of kernel 3 with ReLU and one of kernel 1.
///
/// ``variant`` matters to ``Mode/vnet`` alone. `original`, the reading that works at any width:
/// strided convolutions make the next level's maps. `imperial`, as the project ran it: they make n
/// maps, which additions repeat, so n must be 1.
///
/// Parameters with n = 1 and 1 class: U-Net tiny 362, small 1,428, large 15,228; without skips
/// 1,293; V-Net as run 390, 1,403, 13,985, as read 472, 1,974, 22,006.
///
/// Names: `encoder.i`, `center`, `decoder.i` with `conv1`, `conv2`, `norm`, and `down.conv` or
/// `up.conv`, `up.norm`; `head.conv1`, `head.conv2`; `position.…` (``PositionShift``).
public struct ImperialUNet3D: NetworkConfiguration {
  /// The name in a configuration.
  public static let kind = "imperialUNet3D"

  /// How many levels, and which kernels.
  public enum Size: String, NamedOption {
    case tiny
    case small
    case large
  }

  /// How levels are joined.
  public enum Mode: String, NamedOption {
    /// Maximum pooling, no residual sums.
    case unet
    /// Strided convolutions and residual sums.
    case vnet
  }

  /// What the patch's position does.
  public enum Relative: String, NamedOption {
    /// It is not asked for.
    case none
    /// One number made of it is added to the first maps on the way up.
    case add
    /// They are multiplied by it.
    case multiply
  }

  /// What becomes of a slab's slices.
  public enum Slice: String, NamedOption {
    /// The output has all of them.
    case none
    /// Logits are averaged over the slices: the output is the middle one.
    case logits
    /// Probabilities are averaged.
    case probabilities
  }

  /// How many levels, and which kernels.
  public var size = Size.small
  /// How levels are joined.
  public var mode = Mode.unet
  /// The number of maps at level 0: n.
  public var features = 1
  /// Which reading is meant.
  public var variant = NetworkVariant.original
  /// What the patch's position does.
  public var relative = Relative.none
  /// What becomes of a slab's slices, which lie along the first axis and are never down-sampled.
  public var slice = Slice.none
  /// Whether the decoder does without the encoder's maps.
  public var highwayless = false
  /// The probability of dropping a map after each convolution of a block.
  public var dropout = 0.25
  /// The standard deviation of the noise that is added to the image while training; absent: 1e-4,
  /// but none in the large network with position.
  public var noise: Double?
  /// Added to variances.
  public var normEpsilon = 1e-3
  /// The fraction by which running statistics move at each application.
  public var normMomentum = 0.01
  /// What fills weights at the start.
  public var initializer = InitializerChoice(XavierInitializer())

  /// The small U-Net.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    size = try keys.value(.size, default: size)
    mode = try keys.value(.mode, default: mode)
    features = try keys.value(.features, default: features)
    variant = try keys.value(.variant, default: variant)
    relative = try keys.value(.relative, default: relative)
    slice = try keys.value(.slice, default: slice)
    highwayless = try keys.value(.highwayless, default: highwayless)
    dropout = try keys.value(.dropout, default: dropout)
    noise = try keys.decodeIfPresent(Double.self, forKey: .noise)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  private enum CodingKeys: String, CodingKey {
    case size, mode, features, variant, relative, slice, highwayless, dropout, noise
    case normEpsilon, normMomentum, initializer
  }

  /// Three.
  public var dimensions: Int { 3 }

  /// Whether the network has an input for the patch's position.
  public var readsPosition: Bool { relative != .none }

  /// The number of resolutions: 2, 3 or 5.
  var levels: Int {
    switch size {
    case .tiny: 2
    case .small: 3
    case .large: 5
    }
  }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("features", features, in: 1...4096)
    list.require(
      mode == .unet || variant == .original || features == 1, "features",
      "is \(features), but the imperial V-Net repeats one map; use features: 1 or variant: original"
    )
    list.require((0..<1).contains(dropout), "dropout", "is \(dropout); it must lie in 0 ..< 1")
    if let noise {
      list.require(
        noise >= 0 && noise.isFinite, "noise", "is \(noise); it must not be negative")
    }
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  /// By what each down-sampling divides extents.
  var stride: [Int] { slice == .none ? [2, 2, 2] : [1, 2, 2] }

  /// 2^(levels - 1) on each axis, but 1 along slices; 1 where the configuration has faults.
  public var patchMultiple: [Int] {
    guard problems().isEmpty else { return [1, 1, 1] }
    return stride.map { $0 == 1 ? 1 : 1 << (levels - 1) }
  }

  /// The extents of the patch; along slices 1, the middle of an odd number.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of ``problems()``, or for the key `patch`.
  public func outputExtents(of patch: [Int]) throws -> [Int] {
    try requireSound(patch, levels: levels)
    guard slice != .none else { return patch }
    guard patch[0] % 2 == 1 else {
      throw ConfigurationProblem(
        "patch",
        "has \(patch[0]) slices, which have no middle; use \(patch[0] - 1) or \(patch[0] + 1)")
    }
    return [1, patch[1], patch[2]]
  }
}
