public import Compute

extension ImperialUNet3D {
  /// Records the network.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit;
  ///   `GraphError` with the path of a layer that cannot be applied.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = style
    let deviation = noise ?? (isLargeRelative ? 0 : 1e-4)
    var x = try g.gaussianNoise(image, deviation: Float(deviation))
    var skips: [Symbol] = []
    for level in 0..<levels {
      x = try g.scope(level == levels - 1 ? "center" : "encoder.\(level)") { g in
        let entered = level == 0 ? x : try lowered(x, to: level, in: &g)
        let made = try block(level, style, kernel: encoderKernel(level))(entered, in: &g)
        return try withResidual(made, of: entered, level: level, in: &g)
      }
      skips.append(x)
    }
    let position =
      readsPosition ? g.input(NetworkGraphs.position, [image.shape.batch, 3], .dense) : nil
    for level in (0..<(levels - 1)).reversed() {
      let bottom = x
      x = try g.scope("decoder.\(level)") { g in
        try raised(x, to: level, style, in: &g)
      }
      if level == levels - 2, let position {
        let shift = PositionShift(
          reads: size == .large ? .position : .both, multiplies: relative == .multiply,
          initializer: style.initializer)
        x = try g.scope("position") { g in
          try shift(x, position: position, bottom: bottom, in: &g)
        }
      }
      x = try g.scope("decoder.\(level)") { g in
        let joined = highwayless ? x : try g.concatenate([skips[level], x])
        let made = try block(level, style, kernel: 3)(joined, in: &g)
        return mode == .vnet ? try g.add(made, x) : made
      }
    }
    return [try g.scope("head") { g in try head(x, classes: classes, style, in: &g) }]
  }

  private var isLargeRelative: Bool { size == .large && readsPosition }

  /// The kernel of a block on the way down: 5 at the first of the large network, 2 at its bottom.
  private func encoderKernel(_ level: Int) -> Int {
    guard size == .large else { return 3 }
    if level == 0 { return 5 }
    return level == levels - 1 && !readsPosition ? 2 : 3
  }

  /// The sum of a block's result and its input, where there is one.
  private func withResidual(
    _ made: Symbol, of entered: Symbol, level: Int, in g: inout GraphBuilder
  ) throws -> Symbol {
    guard mode == .vnet, level > 0 || !isLargeRelative else { return made }
    return try g.add(made, repeated(entered, to: made.shape.channels, in: &g))
  }

  /// A finer level's maps at the next level's resolution.
  private func lowered(
    _ x: Symbol, to level: Int, in g: inout GraphBuilder
  ) throws -> Symbol {
    if mode == .unet { return try PoolingLayer(.maximum, extent: stride)(x, "down", in: &g) }
    let maps = variant == .imperial ? features : features << level
    let unit = ConvUnit(
      convolution: ConvolutionLayer(
        outputChannels: maps, kernel: [3, 3, 3], stride: stride, initializer: style.initializer),
      activation: ActivationLayer(.selu))
    return try unit(x, "down", in: &g)
  }

  /// A coarser level's maps at a level's resolution and number.
  private func raised(
    _ x: Symbol, to level: Int, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    let larger = try UpsamplingLayer(.nearest, factor: stride)(x, in: &g)
    return try style.unit(features << level, kernel: stride)(larger, "up", in: &g)
  }

  private func block(_ level: Int, _ style: ConvStyle, kernel: Int) -> SharedNormBlock {
    var unit = style.unit(features << level, kernel: [kernel, kernel, kernel])
    let normalization = unit.normalization
    unit.normalization = nil
    return SharedNormBlock(
      unit, count: isLargeRelative ? 3 : 2, normalization: normalization,
      dropout: dropout > 0 ? DropoutLayer(rate: Float(dropout), wholeChannels: true) : nil)
  }

  /// The two convolutions of the head, and the mean over slices.
  private func head(
    _ x: Symbol, classes: Int, _ style: ConvStyle, in g: inout GraphBuilder
  ) throws -> Symbol {
    var unit = style.unit(classes)
    (unit.suffix, unit.normalization) = ("1", nil)
    let logits = try style.head(classes: classes)(unit(x, in: &g), "conv2", in: &g)
    switch slice {
    case .none: return logits
    case .logits: return try g.mean(logits, axes: [2])
    case .probabilities: return try meanOfProbabilities(logits, in: &g)
    }
  }

  /// What has the mean of the slices' probabilities as its own: their logarithms where classes
  /// exclude each other; of a single class, by a sigmoid, log(p / (1 - p)).
  private func meanOfProbabilities(
    _ logits: Symbol, in g: inout GraphBuilder
  ) throws -> Symbol {
    // Keeps the logarithm finite where all slices are certain.
    let least: Float = 1e-7
    if logits.shape.channels == 1 {
      let p = try g.mean(g.activate(g.dense(logits), .sigmoid), axes: [2])
      let yes = try g.logarithm(g.scaleShift(p, scale: 1 - 2 * least, shift: least))
      let no = try g.logarithm(g.scaleShift(p, scale: 2 * least - 1, shift: 1 - least))
      return try g.add(yes, g.scaleShift(no, scale: -1))
    }
    let p = try g.mean(g.dense(g.softmax(logits)), axes: [2])
    return try g.logarithm(g.scaleShift(p, scale: 1, shift: least))
  }

  private var style: ConvStyle {
    ConvStyle(
      kernel: [3, 3, 3], padding: .same,
      normalization: NormalizationLayer(
        .batch, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      activation: ActivationLayer(.relu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
  }
}
