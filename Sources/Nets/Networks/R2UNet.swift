public import Compute

/// A U-Net of recurrent residual blocks (Alom et al. 2018, R2U-Net), optionally with attention
/// gates at its skips (R2-Attention U-Net).
///
/// Every block is a ``RecurrentBlock``. Maps are raised by nearest neighbor and a convolution of
/// kernel 3, the Imperial variant's of kernel 2, normalized and activated. With ``attention`` a
/// skip passes an ``AdditiveGate`` and stands before the raised maps; in the Imperial variant the
/// skip stands before what a ``ConcatenationGate`` lets pass of it, in place of the raised maps.
///
/// Parameters at full width, 3 channels and 1 class: 39,091,393, with attention 39,442,925; the
/// Imperial variant with 1 channel and 7 classes: 35,610,055 and 37,011,335.
///
/// Convolutions have a bias. Parameters: `encoder.i`, `center`, `decoder.i` with `project`,
/// `unit1`, `unit2`, a level of the decoder also with `up` and `gate`; `head`.
public struct R2UNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "r2UNet"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// The number of maps at level 0, doubled from level to level.
  public var features = 64
  /// The number of resolutions.
  public var levels = 5
  /// How often a unit is applied to the sum of its input and its result, after its first
  /// application: t.
  public var recurrences = 2
  /// Whether skips pass gates.
  public var attention = false
  /// Which reading is meant.
  public var variant = NetworkVariant.original
  /// What follows each convolution of units and gates.
  public var norm = NormalizationLayer.Kind.batch
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move at each application (batch normalization).
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())

  /// The network of full width, without attention.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    levels = try keys.value(.levels, default: levels)
    recurrences = try keys.value(.recurrences, default: recurrences)
    attention = try keys.value(.attention, default: attention)
    variant = try keys.value(.variant, default: variant)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// Every value that is out of its range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 2...4096)
    list.require("levels", levels, in: 2...10)
    list.require("recurrences", recurrences, in: 0...16)
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  /// Records the network.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit;
  ///   `GraphError` with the path of a layer that cannot be applied.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = ConvStyle(
      kernel: everyAxis(3), padding: .same,
      normalization: NormalizationLayer(
        norm, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      activation: ActivationLayer(.relu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
    let block = { (level: Int) in
      RecurrentBlock(features: features << level, recurrences: recurrences, style: style)
    }
    let results = try encode(image, in: &g) { level, x, g in
      try block(level)(level == 0 ? x : halved(x, in: &g), in: &g)
    }
    let x = try decode(results, in: &g) { level, x, skip, g in
      let up = style.unit(features << level, kernel: everyAxis(variant == .original ? 3 : 2))
      let raised = try up(doubled(x, in: &g), "up", in: &g)
      let joined =
        try attention ? variant.gated(skip, by: raised, style, in: &g) : [skip, raised]
      return try block(level)(g.concatenate(joined), in: &g)
    }
    return [try style.head(classes: classes)(x, "head", in: &g)]
  }
}
