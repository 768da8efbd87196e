extension UNet {
  /// Every value that is out of its range or contradicts another.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require("dimensions", dimensions, in: 2...3)
    list.require("features", features, in: 1...4096)
    list.require("levels", levels, in: 1...10)
    list.require("convolutionsPerLevel", convolutionsPerLevel, in: 1...16)
    if let maxFeatures { list.require("maxFeatures", maxFeatures, in: 1...65536) }
    if let centerConvolutions { list.require("centerConvolutions", centerConvolutions, in: 1...16) }
    list.require("sideOutputs", sideOutputs, in: 0...max(0, levels - 2))
    list.require("dropoutFromLevel", dropoutFromLevel, in: 0...max(0, levels - 1))

    list.require(
      widening == .first || (features % 2 == 0 && (maxFeatures ?? 2) % 2 == 0), "widening",
      "is last, which halves numbers of maps; give even features and maxFeatures")
    list.require(
      skip != .sum || upChannels == .level, "upChannels",
      "is keep, whose maps cannot be added to those of a level; use upChannels: level or skip: "
        + "concat")
    checkKernels(&list)
    checkStrides(&list)
    list.require(
      (1...16).contains(centerDilations.count) && centerDilations.allSatisfy((1...64).contains),
      "centerDilations", "is \(centerDilations); give 1 to 16 numbers in 1 … 64")
    list.require((0..<1).contains(dropout), "dropout", "is \(dropout); it must lie in 0 ..< 1")
    list.checkNormalization(epsilon: normEpsilon, momentum: normMomentum)
    list.require(
      activationSlope > 0 && activationSlope.isFinite, "activationSlope",
      "is \(activationSlope); it must be positive")
    list.require(biasConstant.isFinite, "biasConstant", "is \(biasConstant); it must be finite")
    if let lossWeights {
      list.require(
        lossWeights.count == sideOutputs + 1, "lossWeights",
        "has \(lossWeights.count) numbers; give one for each of the \(sideOutputs + 1) outputs")
      list.require(
        lossWeights.allSatisfy { $0 >= 0 && $0.isFinite }, "lossWeights",
        "is \(lossWeights); weights must not be negative")
    }
    list.include(initializer.problems(), under: "initializer")
    return list.problems
  }

  private func checkKernels(_ list: inout ProblemList) {
    // A faulty number of axes must not become the length of a list.
    let axes = min(max(dimensions, 2), 3)
    kernel.check("kernel", dimensions: dimensions, in: 1...31, &list)
    downKernel?.check("downKernel", dimensions: dimensions, in: 1...31, &list)
    upKernel?.check("upKernel", dimensions: dimensions, in: 1...31, &list)
    if padding == .valid {
      list.require(
        kernel.values(axes).allSatisfy { $0 % 2 == 1 }, "kernel",
        "is \(kernel); without padding it must be odd, so that all sides shrink alike")
    }
    guard upsampling == .transposedConvolution, let upKernel else { return }
    for stride in strides ?? [2] {
      list.require(
        zip(upKernel.values(axes), stride.values(axes)).allSatisfy { $0 >= $1 },
        "upKernel", "is \(upKernel), smaller than the stride \(stride), and would leave holes")
    }
  }

  private func checkStrides(_ list: inout ProblemList) {
    guard let strides else { return }
    list.require(
      strides.count == levels - 1, "strides",
      "has \(strides.count) entries; \(levels) levels have \(levels - 1) down-samplings")
    for (index, stride) in strides.enumerated() {
      stride.check("strides.\(index)", dimensions: dimensions, in: 1...8, &list)
    }
  }
}
