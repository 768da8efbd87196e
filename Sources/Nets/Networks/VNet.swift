public import Compute

/// V-Net (Milletari, Navab, Ahmadi 2016): stages of convolutions that learn a residual of their
/// input, strided convolutions down and transposed ones up.
///
/// Stage i on the left has F 2^i maps; on the right, of twice as many, half come from the left and
/// half from below. The input of a stage is added to the result of its last convolution, before the
/// last rectifier; that of the first stage, the image, is repeated to F maps. Every convolution,
/// those that change the resolution too, is followed by a rectifier with one learned slope a map.
/// The head is a convolution of the stages' kernel to one map a class, a rectifier, and a
/// convolution of kernel 1. Published without normalization: 61,982,682 parameters with 1 channel
/// and 2 classes.
///
/// Parameters: `encoder.i`, `center`, `decoder.i` with `conv1`, `act1`, …, and `down` or `up`;
/// `head.conv1`, `head.act1`, `head.conv2`.
public struct VNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "vNet"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 3
  /// The number of maps of the first stage: F.
  public var features = 16
  /// The number of convolutions of each stage on the left, the center's last. The published
  /// program's; the paper's figure has [1, 2, 3, 3, 3].
  public var encoderConvolutions = [1, 1, 2, 3, 3]
  /// The number of convolutions of each stage on the right, from coarse to fine.
  public var decoderConvolutions = [3, 2, 1, 1]
  /// The extent of the stages' kernels.
  public var kernel: PerAxis = 5
  /// What follows each convolution of a stage, before its rectifier.
  public var norm = UNet.Norm.none
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step (batch normalization).
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer(slope: 0))

  /// The published network.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    encoderConvolutions = try keys.value(.encoderConvolutions, default: encoderConvolutions)
    decoderConvolutions = try keys.value(.decoderConvolutions, default: decoderConvolutions)
    kernel = try keys.value(.kernel, default: kernel)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// The number of resolutions: that of the left's stages.
  public var levels: Int { encoderConvolutions.count }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 1...4096)
    list.require(
      (2...10).contains(encoderConvolutions.count)
        && encoderConvolutions.allSatisfy((1...16).contains), "encoderConvolutions",
      "is \(encoderConvolutions); give 2 to 10 numbers in 1 … 16, one a stage")
    list.require(
      decoderConvolutions.count == encoderConvolutions.count - 1
        && decoderConvolutions.allSatisfy((1...16).contains), "decoderConvolutions",
      "is \(decoderConvolutions); give a number in 1 … 16 for each of the "
        + "\(max(0, encoderConvolutions.count - 1)) stages above the center")
    kernel.check("kernel", dimensions: dimensions, in: 1...31, &list)
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  /// Records the network.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit,
  ///   or its channels do not divide ``features``; `GraphError` with the path of a layer that
  ///   cannot be applied.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = style
    let first = try repeated(image, to: features, in: &g)
    let results = try encode(image, in: &g) { level, x, g in
      let maps = features << level
      let stage = style.block(maps, count: encoderConvolutions[level])
      if level == 0 { return try residual(stage, x, adding: first, in: &g) }
      let two = everyAxis(2)
      let down = style.unit(maps, kernel: two, stride: two, padding: .valid)
      let entered = try down(x, "down", in: &g)
      return try residual(stage, entered, adding: entered, in: &g)
    }
    let x = try decode(results, in: &g) { level, x, skipped, g in
      let maps = features << level
      let up = DeconvolutionUnit(
        maps, dimensions: dimensions, normalization: style.normalization,
        activation: style.activation, initializer: style.initializer)
      let joined = try g.concatenate([skipped, up(x, "up", in: &g)])
      let stage = style.block(2 * maps, count: decoderConvolutions[levels - 2 - level])
      return try residual(stage, joined, adding: joined, in: &g)
    }
    return [
      try g.scope("head") { g in
        var unit = style.unit(classes)
        (unit.suffix, unit.normalization) = ("1", nil)
        return try style.head(classes: classes)(unit(x, in: &g), "conv2", in: &g)
      }
    ]
  }

  /// A stage, with `input` added before its last activation.
  private func residual(
    _ stage: ConvBlock, _ x: Symbol, adding input: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    var stage = stage
    let last = stage.units.count - 1
    let activation = stage.units[last].activation
    stage.units[last].activation = nil
    let sum = try g.add(stage(x, in: &g), input)
    return try activation.map { try $0(sum, "act\(last + 1)", in: &g) } ?? sum
  }

  private var style: ConvStyle {
    let kind = NormalizationLayer.Kind(rawValue: norm.rawValue)
    return ConvStyle(
      kernel: kernel.values(dimensions), padding: .same,
      normalization: kind.map {
        NormalizationLayer($0, epsilon: Float(normEpsilon), momentum: Float(normMomentum))
      },
      activation: ActivationLayer(.prelu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0.25), biasConstant: 0)
  }
}

extension NetworkConfiguration {
  /// The image's channels over and over, `features` maps in all; one channel stays one, for
  /// additions repeat it.
  ///
  /// - Throws: ``ConfigurationProblem`` with the key `features` where channels do not divide it.
  func repeated(_ image: Symbol, to features: Int, in g: inout GraphBuilder) throws -> Symbol {
    let channels = image.shape.channels
    guard features % channels == 0 else {
      throw ConfigurationProblem(
        "features",
        "is \(features), over which the image's \(channels) channels are repeated; use "
          + "\((features / channels + 1) * channels)")
    }
    if channels == 1 || channels == features { return image }
    return try g.concatenate(Array(repeating: image, count: features / channels))
  }
}
