public import Compute

/// A U-Net whose skips pass gates that the coarser maps control (Oktay et al. 2018).
///
/// With ``Gate/additive`` the decoder's maps are raised first (nearest neighbor, convolution of
/// kernel 3), gate the skip of their level and are put behind it: the widespread two-dimensional
/// form. 64 features, 5 levels, 3 channels and 1 class make 34,878,573 parameters.
///
/// With ``Gate/grid`` it is the three-dimensional network of the paper: ``dimensions`` 3,
/// ``features`` 16. A gate reads the maps of the next coarser level, those of the center after a
/// unit of kernel 1 (`gating`); level 0 has none; maps are raised linearly, without a convolution;
/// every level of the decoder makes one map a class (`side.i`), which are raised linearly,
/// concatenated from fine to coarse and combined by a convolution of kernel 1 (`head`).
///
/// The Imperial variant (the project's last state) gates by ``ConcatenationGate``, raises with a
/// kernel of 2, and puts the gated skip behind the skip in place of the raised maps, which thus
/// reach the decoder through the gate alone. An earlier state of the project gated the raised maps
/// instead; it has no variant here. 32,445,959 parameters for 1 channel and 7 classes.
///
/// Convolutions have a bias. Parameters: `encoder.i.…`, `center.…`, `decoder.i.…`, `head`; blocks
/// hold `conv1`, `norm1`, `conv2`, `norm2`; a level of the decoder also `up` and `gate`.
public struct AttentionUNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "attentionUNet"

  /// What decides how much of a skip passes.
  public enum Gate: String, NamedOption {
    /// The raised maps of the decoder, at the skip's resolution.
    case additive
    /// The maps of the next coarser level, on their own grid.
    case grid
  }

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// The number of maps at level 0, doubled from level to level.
  public var features = 64
  /// The number of resolutions.
  public var levels = 5
  /// What decides how much of a skip passes.
  public var gate = Gate.additive
  /// Which reading is meant.
  public var variant = NetworkVariant.original
  /// What follows each convolution of blocks and gates.
  public var norm = NormalizationLayer.Kind.batch
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step (batch normalization).
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())

  /// The additive network of full width.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    levels = try keys.value(.levels, default: levels)
    gate = try keys.value(.gate, default: gate)
    variant = try keys.value(.variant, default: variant)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 2...4096)
    list.require("levels", levels, in: 2...10)
    list.require(
      gate == .additive || variant == .original, "variant",
      "is imperial, which has gates of its own; remove gate: grid or use variant: original")
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
    let style = style
    let results = try encode(image, in: &g) { level, x, g in
      let entered = level == 0 ? x : try halved(x, in: &g)
      return try style.block(features << level, count: 2)(entered, in: &g)
    }
    if gate == .grid {
      return [try decodeGrid(results, classes: classes, style, in: &g)]
    }
    let x = try decode(results, in: &g) { level, x, skip, g in
      let raised = try raise(x, to: features << level, style, in: &g)
      let joined = try variant.gated(skip, by: raised, style, in: &g)
      return try style.block(features << level, count: 2)(g.concatenate(joined), in: &g)
    }
    return [try style.head(classes: classes)(x, "head", in: &g)]
  }

  private var style: ConvStyle {
    ConvStyle(
      kernel: everyAxis(3), padding: .same,
      normalization: NormalizationLayer(
        norm, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      activation: ActivationLayer(.relu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
  }

  private func raise(
    _ x: Symbol, to maps: Int, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    let kernel = everyAxis(variant == .original ? 3 : 2)
    return try style.unit(maps, kernel: kernel)(doubled(x, in: &g), "up", in: &g)
  }

  /// The decoder and head of the form with gates on the coarser grid.
  private func decodeGrid(
    _ results: [Symbol], classes: Int, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    let full = results[0].shape.spatial
    var gating = try style.point(features << (levels - 1))(
      results[levels - 1], "gating", in: &g)
    var decoded: [Symbol] = []
    _ = try decode(results, in: &g) { level, x, skip, g in
      let gated =
        level == 0
        ? skip
        : try g.scope("gate") { g in
          try GridGate(style: style)(skip, gating: gating, in: &g)
        }
      let raised = try g.resample(x, to: skip.shape.spatial, .linear)
      let block = style.block(features << level, count: 2)
      gating = try block(g.concatenate([gated, raised]), in: &g)
      decoded.insert(gating, at: 0)
      return gating
    }
    let sides = try g.scope("side") { g in
      try decoded.enumerated().map { level, maps in
        let side = try style.head(classes: classes)(maps, "\(level)", in: &g)
        return level == 0 ? side : try g.resample(side, to: full, .linear)
      }
    }
    return try style.head(classes: classes)(g.concatenate(sides), "head", in: &g)
  }
}
