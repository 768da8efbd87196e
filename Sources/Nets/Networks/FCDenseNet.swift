public import Compute

/// A fully convolutional DenseNet, "Tiramisu" (Jégou et al. 2017).
///
/// A convolution of kernel 3 to ``features`` maps (`first`), then at each level of the encoder a
/// ``DenseBlock`` whose input is concatenated with its new maps; to the next level a transition of
/// kernel 1 that keeps the number of maps, and a maximum pooling. Only the new maps of the block
/// below are raised, by a transposed convolution of kernel 3 and stride 2, and concatenated behind
/// the skip before the next block; the head reads the last block's input and new maps.
///
/// The defaults are FC-DenseNet103: 9,322,091 trainable parameters for 3 channels and 11 classes.
/// FC-DenseNet67 has 5 layers in every block (3,463,243; published as 3.5 M), FC-DenseNet56 has 4
/// of ``growth`` 12 (1,376,795; published as 1.5 M).
///
/// The Imperial variant raises everything the level below made, to ``growth`` times the layers of
/// the block that follows; that block reads the raised maps alone, its new maps are concatenated
/// behind the skip, and nothing but the next transposed convolution (at level 0 the head) reads
/// them. The project published no count of it, nor was its code the same at all times; this is the
/// last state, which uses the numbers of the encoder on both sides and no dropout.
///
/// Convolutions have a bias. Parameters: `first`, `encoder.i`, `center` and `decoder.i` with
/// `layers.j.norm` and `layers.j.conv`; `encoder.i.down` and `center.down` with `norm` and `conv`;
/// `decoder.i.up`; `head`.
public struct FCDenseNet: HalvingNetwork {
  /// The name in a configuration.
  public static let kind = "fcDenseNet"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// The maps of the first convolution.
  public var features = 48
  /// The maps that each layer adds.
  public var growth = 16
  /// The layers of the encoder's blocks, from fine to coarse.
  public var encoderLayers = [4, 5, 7, 10, 12]
  /// The layers of the block at the center.
  public var centerLayers = 15
  /// The layers of the decoder's blocks, from fine to coarse; absent: those of the encoder.
  public var decoderLayers: [Int]?
  /// The probability of dropping an element after each convolution but the first and the head.
  public var dropout = 0.2
  /// Which reading is meant.
  public var variant = NetworkVariant.original
  /// What comes before each convolution but the first and the head.
  public var norm = NormalizationLayer.Kind.batch
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step (batch normalization).
  public var normMomentum = 0.1
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer(distribution: .uniform))

  /// FC-DenseNet103.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    growth = try keys.value(.growth, default: growth)
    encoderLayers = try keys.value(.encoderLayers, default: encoderLayers)
    centerLayers = try keys.value(.centerLayers, default: centerLayers)
    decoderLayers = try keys.decodeIfPresent([Int].self, forKey: .decoderLayers)
    dropout = try keys.value(.dropout, default: dropout)
    variant = try keys.value(.variant, default: variant)
    norm = try keys.value(.norm, default: norm)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// The number of resolutions: one for each block of the encoder, and the center.
  public var levels: Int { encoderLayers.count + 1 }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 1...4096)
    list.require("growth", growth, in: 1...1024)
    list.require("centerLayers", centerLayers, in: 1...64)
    list.require(
      (1...9).contains(encoderLayers.count) && encoderLayers.allSatisfy((1...64).contains),
      "encoderLayers", "is \(encoderLayers); give 1 to 9 numbers in 1 … 64")
    if let decoderLayers {
      list.require(
        decoderLayers.count == encoderLayers.count, "decoderLayers",
        "has \(decoderLayers.count) numbers; give one for each of the \(encoderLayers.count) "
          + "levels of encoderLayers")
      list.require(
        decoderLayers.allSatisfy((1...64).contains), "decoderLayers",
        "is \(decoderLayers); each number must lie in 1 … 64")
    }
    list.require((0..<1).contains(dropout), "dropout", "is \(dropout); it must lie in 0 ..< 1")
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
    var raisable: [Symbol] = []
    let first = try convolution(features, kernel: 3)(image, "first", in: &g)
    let skips = try encode(first, in: &g) { level, x, g in
      let entered = level == 0 ? x : try lower(x, in: &g)
      let isCenter = level == levels - 1
      let block = DenseBlock(layer, count: isCenter ? centerLayers : encoderLayers[level])
      let new = try block(entered, in: &g)
      guard isCenter else { return try g.concatenate([entered] + new) }
      raisable = variant == .original ? new : [entered] + new
      return entered
    }
    var read: [Symbol] = []
    for level in (0..<(levels - 1)).reversed() {
      (raisable, read) = try g.scope("decoder.\(level)") { g in
        try decode(level, raising: raisable, skip: skips[level], in: &g)
      }
    }
    return [try convolution(classes, kernel: 1)(g.concatenate(read), "head", in: &g)]
  }

  /// Records a level of the decoder.
  ///
  /// - Returns: the maps that the next level raises, and those that the head reads at level 0.
  private func decode(
    _ level: Int, raising raisable: [Symbol], skip: Symbol, in g: inout GraphBuilder
  ) throws -> ([Symbol], [Symbol]) {
    let layers = (decoderLayers ?? encoderLayers)[level]
    let block = DenseBlock(layer, count: layers)
    let below = try g.concatenate(raisable)
    switch variant {
    case .original:
      let raised = try raise(below, to: below.shape.channels, in: &g)
      let entered = try g.concatenate([skip, raised])
      let new = try block(entered, in: &g)
      return (new, [entered] + new)
    case .imperial:
      let raised = try raise(below, to: layers * growth, in: &g)
      let all = [skip] + (try block(raised, in: &g))
      return (all, all)
    }
  }

  private func convolution(_ maps: Int, kernel: Int) -> ConvolutionLayer {
    ConvolutionLayer(
      outputChannels: maps, kernel: everyAxis(kernel),
      initializer: initializer.value.initializer(activationSlope: 0))
  }

  private func unit(_ maps: Int, kernel: Int) -> PreActivatedUnit {
    PreActivatedUnit(
      normalization: NormalizationLayer(
        norm, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      convolution: convolution(maps, kernel: kernel),
      dropout: dropout > 0 ? DropoutLayer(rate: Float(dropout), wholeChannels: false) : nil)
  }

  /// A layer of a dense block.
  private var layer: PreActivatedUnit { unit(growth, kernel: 3) }

  /// The transition to the next coarser level.
  private func lower(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try halved(unit(x.shape.channels, kernel: 1)(x, "down", in: &g), in: &g)
  }

  /// The transition to the next finer level.
  private func raise(
    _ x: Symbol, to maps: Int, in g: inout GraphBuilder
  ) throws -> Symbol {
    let layer = TransposedConvolutionLayer(
      outputChannels: maps, kernel: everyAxis(3), stride: everyAxis(2),
      initializer: initializer.value.initializer(activationSlope: 0))
    return try layer(x, "up", in: &g)
  }
}
