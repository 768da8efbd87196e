public import Compute

extension SegNet {
  /// 1 on every axis: unpooling restores any extent.
  public var patchMultiple: [Int] { Array(repeating: 1, count: dimensions == 2 ? 2 : 3) }

  /// The extents of the patch.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of ``problems()``, or for the key `patch`
  ///   where a level would have nothing left.
  public func outputExtents(of patch: [Int]) throws -> [Int] {
    try requireAxes(patch)
    for axis in patch.indices {
      let least = extentList.reduce(1) { $0 * $1[axis] }
      guard (least...max(least, Self.largestExtent)).contains(patch[axis]) else {
        throw ConfigurationProblem(
          "patch",
          "is \(patch[axis]) on axis \(axis); the network's \(features.count) poolings need "
            + "\(least) … \(Self.largestExtent)")
      }
    }
    return patch
  }

  /// Records the network.
  ///
  /// - Throws: ``ConfigurationProblem`` where the configuration or the image's extents do not fit.
  public func trace(
    _ image: Symbol, classes: Int, in g: inout GraphBuilder
  ) throws -> [Symbol] {
    _ = try outputExtents(of: image.shape.spatial)
    let style = style
    var poolings: [(indices: Symbol, spatial: [Int])] = []
    var x = image
    for (level, extent) in extentList.enumerated() {
      let block = style.block(features[level], count: convolutions[level])
      x = try block(x, "encoder.\(level)", in: &g)
      let (maxima, indices) = try g.scope("encoder.\(level).down") { g in
        try g.indexedPooling(x, extent: extent)
      }
      poolings.append((indices, x.shape.spatial))
      x = maxima
    }
    for level in features.indices.reversed() {
      let (indices, spatial) = poolings[level]
      x = try g.scope("decoder.\(level)") { g in
        let raised = try g.scope("up") { g in
          try g.unpooling(x, indices: indices, extent: extentList[level], to: spatial)
        }
        return try decoderBlock(level, style, classes: classes)(raised, in: &g)
      }
    }
    return [head == .pointwise ? try style.head(classes: classes)(x, "head", in: &g) : x]
  }

  /// The windows of the poolings, the finest level's first.
  private var extentList: [[Int]] {
    strides?.map { $0.values(dimensions) }
      ?? features.map { _ in Array(repeating: 2, count: dimensions) }
  }

  private var style: ConvStyle {
    ConvStyle(
      kernel: kernel.values(dimensions), padding: .same,
      normalization: NormalizationLayer(
        .batch, epsilon: Float(normEpsilon), momentum: Float(normMomentum)),
      activation: ActivationLayer(.relu), hasBias: true,
      initializer: initializer.value.initializer(activationSlope: 0), biasConstant: 0)
  }

  /// Convolutions to a level's maps, the last of them to the next finer level's.
  private func decoderBlock(_ level: Int, _ style: ConvStyle, classes: Int) -> ConvBlock {
    var units = (1..<convolutions[level]).map { _ in style.unit(features[level]) }
    if level > 0 {
      units.append(style.unit(features[level - 1]))
    } else if head == .pointwise {
      units.append(style.unit(features[0]))
    } else {
      var last = style.unit(classes)
      (last.normalization, last.activation) = (nil, nil)
      units.append(last)
    }
    return ConvBlock(units)
  }
}
