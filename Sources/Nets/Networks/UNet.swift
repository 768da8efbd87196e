/// A U-Net in two or three dimensions (Ronneberger, Fischer, Brox 2015; Çiçek et al. 2016).
///
/// An encoder of blocks and down-samplings, a block at the center, and a decoder of up-samplings,
/// skips and blocks. Level i has min(``features`` 2^i, ``maxFeatures``) maps; level 0 is the
/// image's resolution and ``levels`` counts resolutions, so there are `levels - 1` down-samplings.
///
/// The 3D U-Net of Çiçek et al. 2016 is `{features: 64, padding: valid, norm: batch, bias: always,
/// activation: relu, widening: last, upChannels: keep}`: 19,069,955 parameters with 3 channels and
/// classes, `upBias: false` and without normalization.
///
/// Parameters: `encoder.i.…`, `center.…`, `decoder.i.…`, `head.…`, `side.i.…`, where i is the level
/// in all of them. Blocks hold `conv1`, `norm1`, `act1`, `conv2`, …, or `norm` where one
/// stands at the end; a learned change of resolution
/// is `encoder.i.down`, `center.down` or `decoder.i.up`, at the level it leads to.
public struct UNet: NetworkConfiguration {
  /// The name in a configuration.
  public static let kind = "unet"

  /// How a level hands its maps to the next coarser one.
  public enum Downsampling: String, NamedOption {
    case maxPool
    case averagePool
    /// A strided convolution to the next level's maps, normalized and activated.
    case stridedConvolution
  }

  /// How a level takes maps from the next coarser one.
  public enum Upsampling: String, NamedOption {
    /// A transposed convolution with bias, neither normalized nor activated.
    case transposedConvolution
    /// Repetition, then a padded convolution, normalized and activated.
    case nearest
    /// Linear interpolation, then a padded convolution, normalized and activated.
    case linear
  }

  /// What the decoder does with the encoder's maps of its level.
  public enum Skip: String, NamedOption {
    /// Puts them beside the up-sampled maps.
    case concat
    /// Adds them to the up-sampled maps.
    case sum
    /// Ignores them.
    case none
  }

  /// What follows each convolution.
  public enum Norm: String, NamedOption {
    case batch
    case instance
    case none
  }

  /// Where normalization stands.
  public enum NormPlacement: String, NamedOption {
    /// Between each convolution and its activation.
    case convolution
    /// Once, at the end of each block (Desai et al. 2019).
    case block
  }

  /// In which order a concatenation holds the encoder's maps and the up-sampled ones.
  public enum SkipOrder: String, NamedOption {
    case skipFirst
    case upFirst
  }

  /// Which convolution of an encoder's block makes the level's number of maps.
  public enum Widening: String, NamedOption {
    case first
    /// The last; those before it make half of them (Çiçek et al. 2016).
    case last
  }

  /// How many maps a learned up-sampling makes.
  public enum UpChannels: String, NamedOption {
    /// Those of the level it leads to.
    case level
    /// As many as it is given (Çiçek et al. 2016).
    case keep
  }

  /// Where convolutions add a bias.
  public enum Bias: String, NamedOption {
    /// Where no normalization follows, which would take it away again.
    case automatic
    case always
    case never
  }

  /// The number of spatial axes: 2 or 3.
  public var dimensions = 3
  /// The number of maps at level 0.
  public var features = 16
  /// The number of resolutions.
  public var levels = 4
  /// The largest number of maps; absent: no limit.
  public var maxFeatures: Int?
  /// The convolutions of each block.
  public var convolutionsPerLevel = 2
  /// The extent of the blocks' kernels.
  public var kernel: PerAxis = 3
  /// By what each down-sampling divides extents, from fine to coarse, `levels - 1` of them;
  /// absent: by 2 on every axis.
  public var strides: [PerAxis]?
  /// Whether the blocks' convolutions are padded. Without padding, skips are cropped about the
  /// center and the output is smaller than the image.
  public var padding = ConvolutionLayer.Padding.same
  /// What follows each convolution.
  public var norm = Norm.instance
  /// Where it stands.
  public var normPlacement = NormPlacement.convolution
  /// Added to variances.
  public var normEpsilon = 1e-5
  /// The fraction by which running statistics move a step (batch normalization).
  public var normMomentum = 0.1
  /// The nonlinearity.
  public var activation = ActivationLayer.Kind.leakyReLU
  /// The slope of the leaky rectifier.
  public var activationSlope = 0.01
  /// Where the blocks' convolutions add a bias.
  public var bias = Bias.automatic
  /// How a level hands its maps down.
  public var downsampling = Downsampling.maxPool
  /// The kernel of strided convolutions; absent: ``kernel``.
  public var downKernel: PerAxis?
  /// How a level takes maps up.
  public var upsampling = Upsampling.transposedConvolution
  /// The kernel of up-sampling; absent: the stride for transposed convolutions, else ``kernel``.
  public var upKernel: PerAxis?
  /// How many maps up-sampling makes.
  public var upChannels = UpChannels.level
  /// Whether transposed convolutions add a bias.
  public var upBias = true
  /// What the decoder does with the encoder's maps.
  public var skip = Skip.concat
  /// The order of a concatenation.
  public var skipOrder = SkipOrder.skipFirst
  /// Which convolution of the encoder's and the center's blocks makes the level's maps.
  public var widening = Widening.first
  /// The dilations of parallel blocks at the center, concatenated (Deniz et al. 2018).
  public var centerDilations = [1]
  /// The convolutions of each block at the center; absent: ``convolutionsPerLevel``.
  public var centerConvolutions: Int?
  /// The number of decoder levels above 0 that have an output of their own while training (deep
  /// supervision): a convolution of kernel 1, interpolated linearly to full resolution, so that the
  /// labels are compared as they are.
  public var sideOutputs = 0
  /// The weight of each output's loss, full resolution first; absent: halved from one output to
  /// the next and summing to 1, as nnU-Net does.
  public var lossWeights: [Double]?
  /// The probability of dropping at the end of each block.
  public var dropout = 0.0
  /// Whether dropout drops whole maps or single elements.
  public var dropoutWholeChannels = true
  /// The finest level that drops.
  public var dropoutFromLevel = 0
  /// What fills weights at the start.
  public var initializer = InitializerChoice(HeInitializer())
  /// What fills biases at the start.
  public var biasConstant = 0.0

  /// A U-Net with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try keys.value(.dimensions, default: dimensions)
    features = try keys.value(.features, default: features)
    levels = try keys.value(.levels, default: levels)
    maxFeatures = try keys.decodeIfPresent(Int.self, forKey: .maxFeatures)
    convolutionsPerLevel = try keys.value(.convolutionsPerLevel, default: convolutionsPerLevel)
    kernel = try keys.value(.kernel, default: kernel)
    strides = try keys.decodeIfPresent([PerAxis].self, forKey: .strides)
    padding = try keys.value(.padding, default: padding)
    norm = try keys.value(.norm, default: norm)
    normPlacement = try keys.value(.normPlacement, default: normPlacement)
    normEpsilon = try keys.value(.normEpsilon, default: normEpsilon)
    normMomentum = try keys.value(.normMomentum, default: normMomentum)
    activation = try keys.value(.activation, default: activation)
    activationSlope = try keys.value(.activationSlope, default: activationSlope)
    bias = try keys.value(.bias, default: bias)
    downsampling = try keys.value(.downsampling, default: downsampling)
    downKernel = try keys.decodeIfPresent(PerAxis.self, forKey: .downKernel)
    upsampling = try keys.value(.upsampling, default: upsampling)
    upKernel = try keys.decodeIfPresent(PerAxis.self, forKey: .upKernel)
    upChannels = try keys.value(.upChannels, default: upChannels)
    upBias = try keys.value(.upBias, default: upBias)
    skip = try keys.value(.skip, default: skip)
    skipOrder = try keys.value(.skipOrder, default: skipOrder)
    widening = try keys.value(.widening, default: widening)
    centerDilations = try keys.value(.centerDilations, default: centerDilations)
    centerConvolutions = try keys.decodeIfPresent(Int.self, forKey: .centerConvolutions)
    sideOutputs = try keys.value(.sideOutputs, default: sideOutputs)
    lossWeights = try keys.decodeIfPresent([Double].self, forKey: .lossWeights)
    dropout = try keys.value(.dropout, default: dropout)
    dropoutWholeChannels = try keys.value(.dropoutWholeChannels, default: dropoutWholeChannels)
    dropoutFromLevel = try keys.value(.dropoutFromLevel, default: dropoutFromLevel)
    initializer = try keys.value(.initializer, default: initializer)
    biasConstant = try keys.value(.biasConstant, default: biasConstant)
  }
}
