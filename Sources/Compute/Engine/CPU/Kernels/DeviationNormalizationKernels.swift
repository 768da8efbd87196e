internal import CDNNL

// (x - mean) / (deviation + epsilon) with oneDNN's primitives, which divide by sqrt(variance): the
// variances that they are given make the difference, and loops over channels are all that is ours.

extension Normalization {
  /// oneDNN's normalization that computes statistics, and the one that is given them.
  fileprivate static let measuring = Normalization(
    statistics: .batch, spread: .variance, epsilon: 0)
  fileprivate static let applying = Normalization(
    statistics: .given, spread: .variance, epsilon: 0)

  /// Emits a normalization by deviations: one pass that measures, one with (deviation + epsilon)²
  /// in place of the variance.
  func lowerByDeviation(_ node: Node, in plan: Lowering) throws {
    let x = node.inputs[0]
    let whole = try plan.descriptor(x)
    let groups = groupCount(x.shape)
    let slices = try SampleSlices(of: whole, groups: groups)
    let (source, scale, shift) = try (
      plan.buffer(x), plan.denseBuffer(node.inputs[1]), plan.denseBuffer(node.inputs[2])
    )
    let destination = try plan.makeResult(node.outputs[0], whole)
    let table = try MemoryDescriptor.dense([groups, x.shape.channels])
    let (mean, deviation): (Int, Int)
    let variance = plan.makeBuffer(.arena, table)
    if statistics == .given {
      (mean, deviation) = try (
        plan.denseBuffer(node.inputs[3]), plan.denseBuffer(node.inputs[4])
      )
    } else {
      (mean, deviation) = try (
        plan.makeResult(node.outputs[1], table), plan.makeResult(node.outputs[2], table)
      )
      let primitive = try Self.measuring.forwardDescriptor(
        plan, slices.descriptor, fusingReLU: false)
      try slices.emit(
        primitive, source, destination, scale, shift, (mean, variance), groups, in: plan)
    }
    let measures = statistics != .given
    let (count, epsilon) = (groups * x.shape.channels, epsilon)
    unsafe plan.emit(over: [variance, deviation]) { pointers, _ in
      let variances = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      let deviations = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      for index in 0..<count {
        if measures { unsafe deviations[index] = variances[index].squareRoot() }
        let divisor = unsafe deviations[index] + epsilon
        unsafe variances[index] = divisor * divisor
      }
    }
    let primitive = try Self.applying.forwardDescriptor(
      plan, slices.descriptor, fusingReLU: false)
    try slices.emit(
      primitive, source, destination, scale, shift, (mean, variance), groups, in: plan)
  }
}

extension SampleSlices {
  /// Emits a forward normalization of each group.
  fileprivate func emit(
    _ primitive: PrimitiveDescriptor, _ source: Int, _ destination: Int, _ scale: Int,
    _ shift: Int, _ moments: (mean: Int, variance: Int), _ groups: Int, in plan: Lowering
  ) throws {
    let channels = try MemoryDescriptor.dense([descriptor.shape.channels])
    for group in 0..<groups {
      let row = group * channels.byteCount
      try plan.emit(
        primitive,
        [
          (Int32(DNNL_ARG_SRC), view(of: source, group, in: plan)),
          (Int32(DNNL_ARG_DST), view(of: destination, group, in: plan)),
          (Int32(DNNL_ARG_SCALE), scale), (Int32(DNNL_ARG_SHIFT), shift),
          (Int32(DNNL_ARG_MEAN), plan.makeView(of: moments.mean, atByte: row, channels)),
          (Int32(DNNL_ARG_VARIANCE), plan.makeView(of: moments.variance, atByte: row, channels)),
        ])
    }
  }
}

extension NormalizationBackward {
  /// The arguments of oneDNN's backward pass that make it the gradient of a normalization by
  /// deviations, in three tables `[groups, channels]`.
  ///
  /// With s = deviation + epsilon and n = (x - mean) / s, the gradient for x is
  /// scale / s (d - mean(d) - n s / deviation mean(d n)). oneDNN computes
  /// scale' / r (d - mean(d) - n' mean(d n')) with n' = (x - mean) / r, r = sqrt(variance'):
  /// the same for variance' = s deviation, scale' = scale sqrt(deviation / s); and its gradient for
  /// the scale, Σ d n', is sqrt(s / deviation) times what it should be.
  struct DeviationArguments {
    let scale: Int
    let variance: Int
    /// What the gradient of the scale is to be multiplied by.
    let factor: Int
  }

  /// Emits the loop over channels that prepares a backward pass.
  func emitDeviationArguments(
    deviation: Int, scale: Int, groups: Int, channels: Int, in plan: Lowering
  ) throws -> DeviationArguments {
    let table = try MemoryDescriptor.dense([groups, channels])
    let made = DeviationArguments(
      scale: plan.makeBuffer(.arena, table), variance: plan.makeBuffer(.arena, table),
      factor: plan.makeBuffer(.arena, table))
    let epsilon = forward.epsilon
    unsafe plan.emit(over: [deviation, scale, made.scale, made.variance, made.factor]) {
      pointers, _ in
      let columns = unsafe pointers.map { unsafe $0.assumingMemoryBound(to: Float.self) }
      for index in 0..<(groups * channels) {
        let deviation = unsafe columns[0][index]
        let divisor = deviation + epsilon
        // A channel without spread has n = 0 everywhere: the term is no more, whatever divides it.
        let isFlat = deviation < 1e-30
        let factor = isFlat ? 1 : (deviation / divisor).squareRoot()
        unsafe columns[2][index] = columns[1][index % channels] * factor
        unsafe columns[3][index] = divisor * (isFlat ? divisor : deviation)
        unsafe columns[4][index] = factor
      }
    }
    return made
  }

  /// Emits the loop that multiplies each group's gradient of the scale by its factor.
  func emitScaleCorrection(
    of gradients: Int, by factors: Int, count: Int, in plan: Lowering
  ) {
    unsafe plan.emit(over: [gradients, factors]) { pointers, _ in
      let gradients = unsafe pointers[0].assumingMemoryBound(to: Float.self)
      let factors = unsafe pointers[1].assumingMemoryBound(to: Float.self)
      for index in 0..<count { unsafe gradients[index] *= factors[index] }
    }
  }
}
