public import Compute

extension DeepLabV3Plus {
  /// Records the network.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image does not fit.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    let extents = try outputExtents(of: image.shape.spatial)
    if imagePooling && g.mode == .training && image.shape.batch == 1 {
      throw ConfigurationProblem(
        "imagePooling",
        "has one number a map and sample, which cannot be normalized over a shard of one sample; "
          + "set training.shardSize to 2 or more, or imagePooling to false")
    }
    let encoded = try encode(image, in: &g)
    var x = try g.scope("pyramid") { g in try pyramid(encoded.deep, in: &g) }
    x = try DropoutLayer(rate: Float(dropout), wholeChannels: false)(x, "dropout", in: &g)
    x = try g.scope("decoder") { g in
      let low = try unit(48)(encoded.low, "low", in: &g)
      var y = try g.resample(x, to: low.shape.spatial, .linear)
      y = try g.concatenate([y, low])
      y = try separable(256, .after)(y, "unit1", in: &g)
      return try separable(256, .after)(y, "unit2", in: &g)
    }
    let head = ConvolutionLayer(
      outputChannels: classes, kernel: axes(1), initializer: weights)
    return [try g.resample(head(x, "head", in: &g), to: extents, .linear)]
  }

  /// The encoder's maps at the output stride, and those at a quarter of the image's resolution.
  private func encode(
    _ image: Symbol, in g: inout GraphBuilder
  ) throws -> (deep: Symbol, low: Symbol) {
    var x = try unit(32, kernel: 3, stride: 2)(image, "stem.0", in: &g)
    x = try unit(64, kernel: 3)(x, "stem.1", in: &g)
    var low = x
    let isCoarse = outputStride == 16
    for (index, features) in [128, 256, 728].enumerated() {
      let block = XceptionBlock(
        units: Array(repeating: separable(features, .before), count: 3),
        stride: axes(index == 2 && !isCoarse ? 1 : 2), shortcut: .convolution)
      let (y, second) = try g.scope("entry.\(index)") { g in try block(x, in: &g) }
      if index == 1 { low = second }
      x = y
    }
    for index in 0..<middleBlocks {
      let block = XceptionBlock(
        units: Array(
          repeating: separable(728, .before, dilation: isCoarse ? 1 : 2), count: 3),
        stride: axes(1), shortcut: .sum)
      x = try g.scope("middle.\(index)") { g in try block(x, in: &g).result }
    }
    let exits = [
      XceptionBlock(
        units: [728, 1024, 1024].map { separable($0, .before, dilation: isCoarse ? 1 : 2) },
        stride: axes(1), shortcut: .convolution),
      XceptionBlock(
        units: [1536, 1536, 2048].map { separable($0, .after, dilation: isCoarse ? 2 : 4) },
        stride: axes(1), shortcut: .none),
    ]
    for (index, block) in exits.enumerated() {
      x = try g.scope("exit.\(index)") { g in try block(x, in: &g).result }
    }
    return (x, low)
  }

  /// The branches side by side, and their projection.
  private func pyramid(_ x: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    var branches: [Symbol] = []
    if imagePooling {
      let mean = try unit(256)(g.globalAveragePooling(x), "pooling", in: &g)
      branches.append(try g.resample(mean, to: x.shape.spatial, .linear))
    }
    branches.append(try unit(256)(x, "point", in: &g))
    for (index, rate) in rates.enumerated() {
      branches.append(try separable(256, .after, dilation: rate)(x, "rate\(index)", in: &g))
    }
    return try unit(256)(g.concatenate(branches), "projection", in: &g)
  }

  // MARK: - Parts

  private func axes(_ number: Int) -> [Int] { Array(repeating: number, count: dimensions) }

  private var weights: any ParameterInitializer {
    initializer.value.initializer(activationSlope: 0)
  }

  private var normalization: NormalizationLayer {
    NormalizationLayer(.batch, epsilon: Float(normEpsilon), momentum: Float(normMomentum))
  }

  private func unit(_ published: Int, kernel: Int = 1, stride: Int = 1) -> ConvUnit {
    ConvUnit(
      convolution: ConvolutionLayer(
        outputChannels: maps(published), kernel: axes(kernel), stride: axes(stride),
        hasBias: false, initializer: weights),
      normalization: normalization, activation: ActivationLayer(.relu))
  }

  private func separable(
    _ published: Int, _ rectification: SeparableUnit.Rectification, dilation: Int = 1
  ) -> SeparableUnit {
    SeparableUnit(
      outputChannels: maps(published), kernel: axes(3), dilation: axes(dilation),
      rectification: rectification, normalization: normalization, initializer: weights)
  }
}

/// Separable units one after another, the last with a stride, and a shortcut around them.
struct XceptionBlock {
  /// What is added to the last unit's result.
  enum Shortcut {
    /// The input, convolved by kernel 1 with the block's stride, and normalized.
    case convolution
    /// The input.
    case sum
    case none
  }

  var units: [SeparableUnit]
  let shortcut: Shortcut

  init(units: [SeparableUnit], stride: [Int], shortcut: Shortcut) {
    self.units = units
    self.units[units.count - 1].stride = stride
    self.shortcut = shortcut
  }

  /// Records the block: its result, and what the last unit but one made.
  func callAsFunction(
    _ x: Symbol, in g: inout GraphBuilder
  ) throws -> (result: Symbol, inner: Symbol) {
    var (y, inner) = (x, x)
    for (index, unit) in units.enumerated() {
      inner = y
      y = try unit(y, "unit\(index + 1)", in: &g)
    }
    switch shortcut {
    case .none: return (y, inner)
    case .sum: return (try g.add(y, x), inner)
    case .convolution:
      let last = units[units.count - 1]
      let projection = ConvUnit(
        convolution: ConvolutionLayer(
          outputChannels: last.outputChannels, kernel: last.kernel.map { _ in 1 },
          stride: last.stride, hasBias: false, initializer: last.initializer),
        normalization: last.normalization)
      return (try g.add(y, projection(x, "shortcut", in: &g)), inner)
    }
  }
}
