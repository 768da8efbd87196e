/// DeepLabV3+ (Chen, Zhu, Papandreou, Schroff, Adam 2018) over an Xception-65 encoder, as Desai et
/// al. 2019 train it from scratch.
///
/// * Stem: two convolutions to 32 and 64 maps, the first of stride 2.
/// * Entry: three blocks of 128, 256 and 728 maps, each of stride 2 and with a convolved shortcut;
///   the maps within the second, at a quarter of the image's resolution, are the low-level ones.
/// * Middle: ``middleBlocks`` blocks of 728 maps, whose input is added to their result.
/// * Exit: a block to 728, 1024, 1024 maps with a convolved shortcut, and one to 1536, 1536, 2048.
/// * Pyramid: the mean of the image, a pointwise convolution, and separable convolutions at
///   ``rates``, each to 256 maps, concatenated and projected to 256, then dropout.
/// * Decoder: linear interpolation to a quarter, the low-level maps reduced to 48, two separable
///   convolutions to 256 maps, the logits, linear interpolation to the image's extents.
///
/// A block is three separable convolutions: depthwise of kernel 3, normalized, then pointwise,
/// normalized. The last of a block has its stride. Convolutions are padded by 1 on both sides
/// where the first framework of this network pads the first one by 0 and 1.
///
/// Parameters: `stem.i`, `entry.i`, `middle.i`, `exit.i` (`unit1.depthwise`, `unit1.depthwiseNorm`,
/// `unit1.pointwise`, `unit1.pointwiseNorm`, …, `shortcut.conv`, `shortcut.norm`), `pyramid.pooling`,
/// `pyramid.point`, `pyramid.rate0`, …, `pyramid.projection`, `decoder.low`, `decoder.unit1`,
/// `decoder.unit2`, `head`.
public struct DeepLabV3Plus: NetworkConfiguration {
  /// The name in a configuration.
  public static let kind = "deepLabV3Plus"

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// What every number of maps is multiplied by, rounded, at least 1.
  public var width = 1.0
  /// The blocks in the middle of the encoder.
  public var middleBlocks = 16
  /// By what the encoder divides extents: 16, or 8, where the third entry block has no stride and
  /// later blocks are dilated twice as much.
  public var outputStride = 16
  /// The dilations of the pyramid's branches; the original's are 6, 12, 18 (at output stride 8
  /// twice that).
  public var rates = [2, 4, 6]
  /// Whether the pyramid has a branch of the image's mean. Its normalization wants shards of more
  /// than one sample.
  public var imagePooling = true
  /// The probability of dropping after the pyramid's projection.
  public var dropout = 0.1
  /// Added to variances.
  public var normEpsilon = 1e-3
  /// The fraction by which running statistics move a step.
  public var normMomentum = 0.01
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())

  /// A DeepLabV3+ with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    width = try keys.value(.width, default: width)
    middleBlocks = try keys.value(.middleBlocks, default: middleBlocks)
    outputStride = try keys.value(.outputStride, default: outputStride)
    rates = try keys.value(.rates, default: rates)
    imagePooling = try keys.value(.imagePooling, default: imagePooling)
    dropout = try keys.value(.dropout, default: dropout)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// Every value that is out of its range.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require(
      width > 0 && width <= 4, "width", "is \(width); it must be above 0 and at most 4")
    list.require("middleBlocks", middleBlocks, in: 0...64)
    list.require(
      [8, 16].contains(outputStride), "outputStride", "is \(outputStride); it must be 8 or 16")
    list.require(
      (1...16).contains(rates.count) && rates.allSatisfy((1...64).contains), "rates",
      "is \(rates); give 1 to 16 numbers in 1 … 64")
    list.require((0..<1).contains(dropout), "dropout", "is \(dropout); it must lie in 0 ..< 1")
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  /// 1 on every axis: strides round up, and interpolation restores any extent.
  public var patchMultiple: [Int] { Array(repeating: 1, count: dimensions == 2 ? 2 : 3) }

  /// The extents of the patch.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of ``problems()``, or for the key `patch`.
  public func outputExtents(of patch: [Int]) throws -> [Int] {
    try requireSound(patch)
    return patch
  }

  /// A published number of maps at this ``width``.
  func maps(_ published: Int) -> Int { max(1, Int(Double(published) * width + 0.5)) }
}
