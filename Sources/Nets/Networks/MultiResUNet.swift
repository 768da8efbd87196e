public import Compute

/// MultiResUNet (Ibtehaz, Rahman 2020): blocks that see three fields of view, and convolutions on
/// the skips.
///
/// Level i has blocks of width U = ``features`` 2^i, which make Σ⌊1.67 U {0.167, 0.333, 0.5}⌋ maps
/// (51, 105, 212, 426 and 853 for 32 features). The skip of level i passes `levels - 1 - i` steps
/// of a ``ResidualPath``; maps are raised to U by a transposed convolution of kernel and stride 2
/// with bias. The head is a convolution of kernel 1 without bias and a normalization without scale.
///
/// Parameters at full width in two dimensions: 7,238,228 for 3 channels and 1 class, 7,238,294 for
/// 1 channel and 7 classes. The Imperial project used a copy of the authors' code: there is one
/// variant.
///
/// Parameters: `encoder.i`, `center` and `decoder.i` with a block's names, `decoder.i.up`,
/// `skip.i.j`, `head.conv`, `head.norm`.
public struct MultiResUNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "multiResUNet"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// The width U of level 0, doubled from level to level.
  public var features = 32
  /// The number of resolutions.
  public var levels = 5
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step.
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())

  /// The network of full width.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    levels = try keys.value(.levels, default: levels)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// Every value that is out of its range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    // Below 4 the first of the three convolutions would have no map.
    list.require("features", features, in: 4...4096)
    list.require("levels", levels, in: 2...10)
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
    let scaled = NormalizationLayer(
      .batch, epsilon: Float(normEpsilon), momentum: Float(normMomentum))
    var unscaled = scaled
    unscaled.hasScale = false
    let style = ConvStyle(
      kernel: everyAxis(3), padding: .same, normalization: unscaled,
      activation: ActivationLayer(.relu), hasBias: false,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
    let block = { (level: Int) in
      MultiResBlock(features: features << level, style: style, normalization: scaled)
    }
    let results = try encode(image, in: &g) { level, x, g in
      try block(level)(level == 0 ? x : halved(x, in: &g), in: &g)
    }
    let skips = try g.scope("skip") { g in
      try results.dropLast().enumerated().map { level, x in
        let path = ResidualPath(
          features: features << level, steps: levels - 1 - level, style: style,
          normalization: scaled)
        return try path(x, "\(level)", in: &g)
      }
    }
    let x = try decode(skips + results.suffix(1), in: &g) { level, x, skip, g in
      let up = TransposedConvolutionLayer(
        outputChannels: features << level, kernel: everyAxis(2), stride: everyAxis(2),
        initializer: style.initializer)
      return try block(level)(g.concatenate([skip, up(x, "up", in: &g)]), in: &g)
    }
    return [try style.linearPoint(classes)(x, "head", in: &g)]
  }
}
