/// SegNet (Badrinarayanan, Kendall, Cipolla 2017): an encoder whose poolings remember where each
/// maximum was, and a decoder that puts values back there instead of learning to up-sample.
///
/// Level i of the encoder is ``convolutions```[i]` convolutions, each normalized and activated, to
/// ``features```[i]` maps, then a pooling; level i of the decoder is the unpooling by that
/// pooling's indices, then as many convolutions, of which the last makes the next finer level's
/// maps. Extents need not be divisible: what a pooling leaves over is zero after its unpooling.
///
/// The defaults are the network of Desai et al. 2019 (their code's six levels), with Keras'
/// normalization. The original, an encoder as VGG16's, is `{features: [64, 128, 256, 512, 512],
/// convolutions: [2, 2, 3, 3, 3], head: convolution, normEpsilon: 1.0e-5, normMomentum: 0.1}`.
///
/// Parameters: `encoder.i.conv1`, `encoder.i.norm1`, …, `decoder.i.conv1`, …, where i is the level
/// in both, and `head`.
public struct SegNet: NetworkConfiguration {
  /// The name in a configuration.
  public static let kind = "segNet"

  /// What makes the logits.
  public enum Head: String, NamedOption {
    /// A convolution of kernel 1 after the last level.
    case pointwise
    /// The last convolution of the last level, neither normalized nor activated.
    case convolution
  }

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 2
  /// The number of maps of each level, the finest first.
  public var features = [64, 128, 256, 256, 512, 512]
  /// The number of convolutions of each level, the finest first.
  public var convolutions = [2, 2, 3, 3, 3, 3]
  /// The extent of the kernels.
  public var kernel: PerAxis = 3
  /// The extent of the windows of each level's pooling, the finest first; absent: 2 on every axis.
  public var strides: [PerAxis]?
  /// What makes the logits.
  public var head = Head.pointwise
  /// Added to variances.
  public var normEpsilon = 1e-3
  /// The fraction by which running statistics move a step.
  public var normMomentum = 0.01
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())

  /// A SegNet with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    convolutions = try keys.value(.convolutions, default: convolutions)
    kernel = try keys.value(.kernel, default: kernel)
    strides = try keys.decodeIfPresent([PerAxis].self, forKey: .strides)
    head = try keys.value(.head, default: head)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    initializer = try keys.value(.initializer, default: initializer)
  }

  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require(
      (1...10).contains(features.count) && features.allSatisfy((1...4096).contains), "features",
      "is \(features); give 1 to 10 numbers in 1 … 4096, one a level")
    list.require(
      convolutions.count == features.count && convolutions.allSatisfy((1...16).contains),
      "convolutions",
      "is \(convolutions); give a number in 1 … 16 for each of the \(features.count) levels")
    kernel.check("kernel", dimensions: dimensions, in: 1...31, &list)
    if let strides {
      list.require(
        strides.count == features.count, "strides",
        "has \(strides.count) entries; give one for each of the \(features.count) levels")
      for (index, stride) in strides.enumerated() {
        stride.check("strides.\(index)", dimensions: dimensions, in: 1...6, &list)
      }
    }
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }
}
