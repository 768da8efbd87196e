extension UNet {
  /// By what the down-sampling after each level divides extents: `levels - 1` lists of factors.
  var strideList: [[Int]] {
    if let strides { return strides.map { $0.values(dimensions) } }
    let halving = Array(repeating: 2, count: dimensions)
    return Array(repeating: halving, count: max(0, levels - 1))
  }

  /// The product of the strides on each axis; 1 where the configuration has ``problems()``.
  public var patchMultiple: [Int] {
    guard problems().isEmpty else { return Array(repeating: 1, count: dimensions == 2 ? 2 : 3) }
    return (0..<dimensions).map { axis in strideList.reduce(1) { $0 * $1[axis] } }
  }

  /// The weight of each output's loss, full resolution first.
  public var outputWeights: [Float] {
    if let lossWeights { return lossWeights.map(Float.init) }
    guard sideOutputs > 0 else { return [1] }
    let halved = (0...min(sideOutputs, 32)).map { 1 / Double(1 << $0) }
    let sum = halved.reduce(0, +)
    return halved.map { Float($0 / sum) }
  }

  /// The spatial extents of the logits: those of the patch, less what unpadded convolutions take.
  ///
  /// - Throws: ``ConfigurationProblem`` for the first of ``problems()``, or for the key `patch`.
  public func outputExtents(of patch: [Int]) throws -> [Int] {
    try requireAxes(patch)
    return try patch.indices.map { axis in
      guard (1...Self.largestExtent).contains(patch[axis]) else {
        throw ConfigurationProblem(
          "patch", "is \(patch[axis]) on axis \(axis); it must lie in 1 … \(Self.largestExtent)")
      }
      if let extent = outputExtent(of: patch[axis], axis: axis) { return extent }
      throw ConfigurationProblem(
        "patch",
        "is \(patch[axis]) on axis \(axis), which does not fit the network's \(levels) levels; "
          + nearestExtents(to: patch[axis], axis: axis))
    }
  }

  /// The extent of the logits along one axis; nil where the patch's does not fit.
  private func outputExtent(of patch: Int, axis: Int) -> Int? {
    let shrink = padding == .valid ? kernel.values(dimensions)[axis] - 1 : 0
    var extent = patch
    for stride in strideList {
      extent -= shrink * convolutionsPerLevel
      guard extent > 0, extent % stride[axis] == 0 else { return nil }
      extent /= stride[axis]
    }
    let widest = centerDilations.reduce(1, max)
    extent -= shrink * (centerConvolutions ?? convolutionsPerLevel) * widest
    for stride in strideList.reversed() {
      guard extent > 0 else { return nil }
      extent = extent * stride[axis] - shrink * convolutionsPerLevel
    }
    return extent > 0 ? extent : nil
  }

  /// A remedy: the nearest extents that fit.
  private func nearestExtents(to patch: Int, axis: Int) -> String {
    // Past the least extent that unpadded convolutions leave something of, those that fit recur
    // with the product of the strides.
    let reach = 1 << 16
    let above = (patch...(patch + reach)).first { outputExtent(of: $0, axis: axis) != nil }
    let below = (max(1, patch - patchMultiple[axis])...patch).last {
      outputExtent(of: $0, axis: axis) != nil
    }
    let found = [below, above].compactMap { $0 }.map(String.init)
    return found.isEmpty ? "use fewer levels" : "use " + found.joined(separator: " or ")
  }
}
