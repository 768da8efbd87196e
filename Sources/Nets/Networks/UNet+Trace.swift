public import Compute

extension UNet {
  /// Records the network: logits first, then, while training, the side outputs.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit;
  ///   `GraphError` with the path of a layer that cannot be applied.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = style
    var skips: [Symbol] = []
    var x = image
    for level in 0..<(levels - 1) {
      x = try g.scope("encoder.\(level)") { g in
        let entered = try enter(level, from: x, style, in: &g)
        return try encoderBlock(level, style)(entered, in: &g)
      }
      skips.append(x)
    }
    x = try g.scope("center") { g in
      let entered = try enter(levels - 1, from: x, style, in: &g)
      return try center(style)(entered, in: &g)
    }
    var sides: [Symbol] = []
    for level in (0..<(levels - 1)).reversed() {
      x = try g.scope("decoder.\(level)") { g in
        let raised = try raise(to: level, from: x, style, in: &g)
        return try block(level, style)(merge(skips[level], raised, in: &g), in: &g)
      }
      if (1...max(1, sideOutputs)).contains(level), sideOutputs > 0 {
        let side = try g.scope("side.\(level)") { g -> Symbol? in
          try sideHead(x, level: level, classes: classes, style, in: &g)
        }
        if let side { sides.append(side) }
      }
    }
    let logits = try style.head(classes: classes)(x, "head", in: &g)
    return try [logits]
      + sides.reversed().map { try g.centerCrop($0, to: logits.shape.spatial) }
  }

  /// The number of maps at a level.
  func maps(_ level: Int) -> Int { min(features << level, maxFeatures ?? Int.max) }

  private var style: ConvStyle {
    let activation = ActivationLayer(activation, slope: Float(activationSlope))
    let kind = NormalizationLayer.Kind(rawValue: norm.rawValue)
    return ConvStyle(
      kernel: kernel.values(dimensions), padding: padding,
      normalization: kind.map {
        NormalizationLayer($0, epsilon: Float(normEpsilon), momentum: Float(normMomentum))
      },
      activation: activation,
      hasBias: bias == .always
        || (bias == .automatic && (norm == .none || normPlacement == .block)),
      initializer: initializer.value.initializer(activationSlope: activation.initialSlope),
      biasConstant: Float(biasConstant))
  }

  private func dropout(_ level: Int) -> DropoutLayer? {
    guard dropout > 0, level >= dropoutFromLevel else { return nil }
    return DropoutLayer(rate: Float(dropout), wholeChannels: dropoutWholeChannels)
  }

  private func block(_ level: Int, _ style: ConvStyle) -> ConvBlock {
    placed(style.block(maps(level), count: convolutionsPerLevel, dropout: dropout(level)))
  }

  /// A block on the way down, which may widen at its end only.
  private func encoderBlock(
    _ level: Int, _ style: ConvStyle, count: Int? = nil, dilation: Int = 1
  ) -> ConvBlock {
    var block = style.block(
      maps(level), count: count ?? convolutionsPerLevel, dilation: dilation,
      dropout: dropout(level))
    if widening == .last {
      for index in block.units.indices.dropLast() {
        block.units[index].convolution.outputChannels = maps(level) / 2
      }
    }
    return placed(block)
  }

  /// The block with its normalization where the configuration wants it.
  private func placed(_ block: ConvBlock) -> ConvBlock {
    guard normPlacement == .block else { return block }
    var block = block
    block.normalization = block.units.last?.normalization
    for index in block.units.indices { block.units[index].normalization = nil }
    return block
  }

  private func center(_ style: ConvStyle) -> DilatedBranches {
    let branches = centerDilations.map {
      encoderBlock(levels - 1, style, count: centerConvolutions, dilation: $0)
    }
    return DilatedBranches(branches)
  }

  /// Takes a level's input from the maps of the next finer level.
  private func enter(
    _ level: Int, from x: Symbol, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    guard level > 0 else { return x }
    let stride = strideList[level - 1]
    switch downsampling {
    case .maxPool: return try PoolingLayer(.maximum, extent: stride)(x, "down", in: &g)
    case .averagePool: return try PoolingLayer(.average, extent: stride)(x, "down", in: &g)
    case .stridedConvolution:
      let unit = style.unit(
        maps(level), kernel: downKernel?.values(dimensions), stride: stride, padding: .same)
      return try unit(x, "down", in: &g)
    }
  }

  /// Brings the maps of the next coarser level to a level's resolution and number.
  private func raise(
    to level: Int, from x: Symbol, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    let stride = strideList[level]
    let kernel = upKernel?.values(dimensions)
    let maps = upChannels == .keep ? x.shape.channels : maps(level)
    return try g.scope("up") { g in
      switch upsampling {
      case .transposedConvolution:
        let layer = TransposedConvolutionLayer(
          outputChannels: maps, kernel: kernel ?? stride, stride: stride, hasBias: upBias,
          initializer: style.initializer, biasConstant: style.biasConstant)
        return try layer(x, in: &g)
      case .nearest, .linear:
        let layer = UpsamplingLayer(upsampling == .nearest ? .nearest : .linear, factor: stride)
        return try style.unit(maps, kernel: kernel, padding: .same)(layer(x, in: &g), in: &g)
      }
    }
  }

  /// Joins the encoder's maps with the up-sampled ones.
  private func merge(
    _ skipped: Symbol, _ raised: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    switch skip {
    case .none: return raised
    case .concat:
      let skipped = try g.centerCrop(skipped, to: raised.shape.spatial)
      return try g.concatenate(skipOrder == .skipFirst ? [skipped, raised] : [raised, skipped])
    case .sum: return try g.add(g.centerCrop(skipped, to: raised.shape.spatial), raised)
    }
  }

  /// A coarse level's logits at full resolution; at inference only the parameters are declared.
  private func sideHead(
    _ x: Symbol, level: Int, classes: Int, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol? {
    let head = style.head(classes: classes)
    guard g.mode == .training else {
      try head.declare(inputChannels: x.shape.channels, in: &g)
      return nil
    }
    let factor = (0..<dimensions).map { axis in
      strideList.prefix(level).reduce(1) { $0 * $1[axis] }
    }
    return try UpsamplingLayer(.linear, factor: factor)(head(x, in: &g), in: &g)
  }
}
