public import Compute

/// The 3D U-Net with multi-level deep supervision of Zeng et al. 2017, for the proximal femur.
///
/// The encoder is the first four stages of C3D (Tran et al. 2015) with a normalization after each
/// convolution and poolings of 2 on every axis: F, 2F, 4F (twice) and 8F (twice) maps. The decoder
/// goes back in three levels (lower, middle, upper), each a transposed convolution, the
/// concatenation with the encoder's maps and two convolutions. While training, the lower and the
/// middle level have classifiers of their own at full resolution, reached by further transposed
/// convolutions; at inference the upper one alone answers. Figure 1 of the paper is lost: widths
/// and kernels are our reading of its text.
///
/// Parameters with 1 channel and 2 classes: 22,241,094, of which the encoder has 13,499,136 and the
/// two classifiers with their branches 394,244; with 3 channels 22,244,550.
///
/// Names: `encoder.conv1a`, `encoder.norm1a`, `encoder.conv2a`, `3a`, `3b`, `4a`, `4b` as C3D has
/// them; `lower`, `middle`, `upper` with `up` and `conv1`, `norm1`, `conv2`, `norm2`;
/// `lowerClassifier` with `up1`, `up2`, `head`, `middleClassifier` with `up1`, `head`, and
/// `upperClassifier.head`.
public struct DeeplySupervisedUNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "deeplySupervisedUNet"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 3
  /// The number of maps of the first stage: F.
  public var features = 64
  /// The weights α of the losses of the upper, middle and lower classifier.
  public var lossWeights = [1.0, 0.67, 0.33]
  /// What follows each convolution.
  public var norm = NormalizationLayer.Kind.batch
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step.
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(GaussianInitializer(standardDeviation: 0.01))

  /// The network of full width.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    lossWeights = try keys.value(.lossWeights, default: lossWeights)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  private enum CodingKeys: String, CodingKey {
    case dimensions, features, lossWeights, norm, normEpsilon, normMomentum, initializer
  }

  /// Four: the stages of the encoder.
  public var levels: Int { 4 }

  /// The weights α of the upper, middle and lower classifier.
  public var outputWeights: [Float] { lossWeights.map(Float.init) }

  /// Every value that is out of its range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 1...4096)
    list.require(
      lossWeights.count == 3 && lossWeights.allSatisfy { $0 >= 0 && $0.isFinite }, "lossWeights",
      "is \(lossWeights); give three weights that are not negative: upper, middle, lower")
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  /// Records the network: the upper classifier's logits, then, while training, the middle's and the
  /// lower's.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit;
  ///   `GraphError` with the path of a layer that cannot be applied.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = style
    let stages = try g.scope("encoder") { g in try encoder(image, style, in: &g) }
    var x = stages[3]
    var levels: [Symbol] = []
    for (level, name) in [(2, "lower"), (1, "middle"), (0, "upper")] {
      x = try g.scope(name) { g in
        let raised = try deconvolution(features << level, style)(x, "up", in: &g)
        let joined = try g.concatenate([stages[level], raised])
        return try style.block(features << level, count: 2)(joined, in: &g)
      }
      levels.append(x)
    }
    let lower = try g.scope("lowerClassifier") { g in
      try classifier(levels[0], raising: [1, 0], style, classes: classes, in: &g)
    }
    let middle = try g.scope("middleClassifier") { g in
      try classifier(levels[1], raising: [0], style, classes: classes, in: &g)
    }
    let upper = try g.scope("upperClassifier") { g in
      try style.head(classes: classes)(levels[2], "head", in: &g)
    }
    return [upper] + [middle, lower].compactMap { $0 }
  }

  /// The results of the stages of C3D's body, from fine to coarse.
  private func encoder(
    _ image: Symbol, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    var stages: [Symbol] = []
    for (stage, letters) in [["a"], ["a"], ["a", "b"], ["a", "b"]].enumerated() {
      var x = try stages.last.map { try halved($0, in: &g) } ?? image
      for letter in letters {
        var unit = style.unit(features << stage)
        unit.suffix = "\(stage + 1)\(letter)"
        x = try unit(x, in: &g)
      }
      stages.append(x)
    }
    return stages
  }

  /// Logits at full resolution from a level's maps, raised to those of finer levels one after
  /// another; at inference only the parameters are declared.
  private func classifier(
    _ x: Symbol, raising levels: [Int], _ style: ConvStyle, classes: Int,
    in g: inout GraphBuilder
  ) throws -> Symbol? {
    let units = levels.map { deconvolution(features << $0, style) }
    let head = style.head(classes: classes)
    if g.mode == .training {
      var y = x
      for (index, unit) in units.enumerated() { y = try unit(y, "up\(index + 1)", in: &g) }
      return try head(y, "head", in: &g)
    }
    var channels = x.shape.channels
    for (index, unit) in units.enumerated() {
      channels = try unit.declare(inputChannels: channels, "up\(index + 1)", in: &g)
    }
    _ = try g.scope("head") { g in try head.declare(inputChannels: channels, in: &g) }
    return nil
  }

  private func deconvolution(_ maps: Int, _ style: ConvStyle) -> DeconvolutionUnit {
    DeconvolutionUnit(
      maps, dimensions: dimensions, normalization: style.normalization,
      activation: style.activation, initializer: style.initializer)
  }

  private var style: ConvStyle {
    ConvStyle(
      kernel: everyAxis(3), padding: .same,
      normalization: NormalizationLayer(
        norm, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      activation: ActivationLayer(.relu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
  }
}
