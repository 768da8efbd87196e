public import Compute

/// The network of Kayalibay, Jensen, van der Smagt 2017 for hand and brain: strided convolutions
/// down, nearest neighbor and a convolution up, short additive residuals on the way down, and
/// segmentation maps of several resolutions whose sum is the logits.
///
/// Level i of the encoder has F 2^i maps. Below level 0 a strided convolution leads to the level
/// (with the finer level's maps, from level 2 on with the level's own), and its raw result, with
/// channels of zeros behind it where it has fewer, is added to that of the level's convolution
/// before normalization. Going up, a convolution of kernel 1 halves the maps, another at the next
/// finer resolution makes that level's number, and after the skip a third makes twice as many.
/// Every convolution but the heads is followed by normalization by the standard deviation and a
/// rectifier with one learned slope a map; none has a bias.
///
/// Parameters with 5 classes and 1 channel: 409,424 by concatenation (4 channels: 410,072), 336,848
/// by summation (337,496), 408,944 with a single map.
///
/// Names: `encoder.i` and `center` with `conv`, `norm`, `act`, and `down` with the same; `decoder.i`
/// with `reduce`, `up` and `merge`, each with the same; `head.i`.
public struct KayalibayNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "kayalibayNet"

  /// What the logits are made of.
  public enum SegmentationMaps: String, NamedOption {
    /// One map a class from every level of the decoder, raised linearly and summed.
    case combined
    /// The maps of level 0.
    case single
  }

  /// Which parameters start from ``KayalibayNet/initializer``.
  public enum Initialized: String, NamedOption {
    /// All, scales, shifts and slopes too, as the authors' code does.
    case all
    /// Weights; scales start at 1, shifts at 0, slopes at 1/4.
    case weights
  }

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 3
  /// The number of maps at level 0: F.
  public var features = 8
  /// The number of resolutions.
  public var levels = 4
  /// What the decoder does with the encoder's maps.
  public var skip = UNet.Skip.concat
  /// What the logits are made of.
  public var maps = SegmentationMaps.combined
  /// What follows each convolution.
  public var norm = NormalizationLayer.Kind.batchDeviation
  /// Added to standard deviations (to variances where ``norm`` is another).
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step.
  public var normMomentum = 0.5
  /// What fills parameters at the start.
  public var initializer = InitializerChoice(GaussianInitializer(standardDeviation: 0.01))
  /// Which parameters those are.
  public var initialized = Initialized.all

  /// The published network.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    levels = try keys.value(.levels, default: levels)
    skip = try keys.value(.skip, default: skip)
    maps = try keys.value(.maps, default: maps)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
    initialized = try keys.value(.initialized, default: initialized)
  }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 1...4096)
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
    let results = try encode(image, in: &g) { level, x, g in
      level == 0
        ? try unit(features)(x, in: &g)
        : try residual(level, convolved(to: level, x, in: &g), in: &g)
    }
    var heads: [Symbol] = []
    _ = try decode(results, in: &g) { level, x, skipped, g in
      let reduced = try unit(x.shape.channels / 2, kernel: 1)(x, "reduce", in: &g)
      let raised = try unit(features << level)(doubled(reduced, in: &g), "up", in: &g)
      let merged =
        switch skip {
        case .concat: try g.concatenate([skipped, raised])
        case .sum: try g.add(skipped, raised)
        case .none: raised
        }
      let result = try unit(2 * features << level)(merged, "merge", in: &g)
      if maps == .combined || level == 0 { heads.append(result) }
      return result
    }
    return [try g.scope("head") { g in try logits(heads, classes: classes, in: &g) }]
  }

  /// The raw and the activated result of the strided convolution that leads to a level.
  private func convolved(
    to level: Int, _ x: Symbol, in g: inout GraphBuilder
  ) throws -> (raw: Symbol, activated: Symbol) {
    let layer = unit(features << (level == 1 ? 0 : level), stride: 2)
    return try g.scope("down") { g in
      let raw = try layer.convolution(x, "conv", in: &g)
      return (raw, try follow(raw, layer, in: &g))
    }
  }

  /// A level's convolution of what the strided one made, and the sum of both.
  private func residual(
    _ level: Int, _ down: (raw: Symbol, activated: Symbol), in g: inout GraphBuilder
  ) throws -> Symbol {
    let layer = unit(features << level)
    let convolved = try layer.convolution(down.activated, "conv", in: &g)
    let padded = try g.padChannels(down.raw, to: convolved.shape.channels)
    return try follow(g.add(convolved, padded), layer, in: &g)
  }

  /// Normalization and activation of a unit, without its convolution.
  private func follow(
    _ x: Symbol, _ unit: ConvUnit, in g: inout GraphBuilder
  ) throws -> Symbol {
    var y = x
    if let normalization = unit.normalization { y = try normalization(y, "norm", in: &g) }
    if let activation = unit.activation { y = try activation(y, "act", in: &g) }
    return y
  }

  /// One map a class from every head, from coarse to fine, each added to the raised sum before it.
  private func logits(
    _ heads: [Symbol], classes: Int, in g: inout GraphBuilder
  ) throws -> Symbol {
    var sum: Symbol?
    for (index, x) in heads.enumerated() {
      let layer = ConvolutionLayer(
        outputChannels: classes, kernel: everyAxis(1), hasBias: false, initializer: weights)
      let maps = try layer(x, "\(heads.count - 1 - index)", in: &g)
      sum = try sum.map { try g.add(maps, g.resample($0, to: maps.shape.spatial, .linear)) } ?? maps
    }
    guard let sum else { throw GraphError(path: g.currentPath, message: "has no level") }
    return sum
  }

  private var weights: any ParameterInitializer {
    initializer.value.initializer(activationSlope: 0.25)
  }

  /// A convolution without bias, normalized and activated.
  private func unit(_ outputs: Int, kernel: Int = 3, stride: Int = 1) -> ConvUnit {
    var norm = NormalizationLayer(
      norm, epsilon: Float(normEpsilon), momentum: Float(normMomentum))
    var activation = ActivationLayer(.prelu)
    if initialized == .all {
      norm.scaleInitializer = weights
      norm.shiftInitializer = weights
      activation.slopeInitializer = weights
    }
    return ConvUnit(
      convolution: ConvolutionLayer(
        outputChannels: outputs, kernel: everyAxis(kernel), stride: everyAxis(stride),
        hasBias: false, initializer: weights),
      normalization: norm, activation: activation)
  }
}
