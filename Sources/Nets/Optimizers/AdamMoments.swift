#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loop of Adam and AdamW, with the factors of one step.
struct AdamMoments {
  /// Multiplies the old mean gradient.
  let keepFirst: Float
  /// Multiplies the new gradient.
  let takeFirst: Float
  /// Multiplies the old mean squared gradient.
  let keepSecond: Float
  /// Multiplies the new squared gradient.
  let takeSecond: Float
  /// The learning rate over 1 - beta1^t.
  let rate: Float
  /// 1 / √(1 - beta2^t).
  let correction: Float
  /// Added to the divisor.
  let epsilon: Float
  /// Adds this part of a value to its gradient.
  let gradientDecay: Float
  /// Takes this part off a value before the step.
  let valueDecay: Float

  /// The factors, computed in double precision as PyTorch does.
  init(
    beta1: Double, beta2: Double, epsilon: Double, learningRate: Double, step: Int,
    gradientDecay: Float, valueDecay: Float
  ) {
    keepFirst = Float(beta1)
    takeFirst = Float(1 - beta1)
    keepSecond = Float(beta2)
    takeSecond = Float(1 - beta2)
    rate = Float(learningRate / (1 - pow(beta1, Double(step))))
    correction = Float(1 / (1 - pow(beta2, Double(step))).squareRoot())
    self.epsilon = Float(epsilon)
    self.gradientDecay = gradientDecay
    self.valueDecay = valueDecay
  }

  /// Changes values and both moments.
  func update(
    _ values: inout MutableSpan<Float>, _ gradients: Span<Float>,
    _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
  ) {
    let count = values.count
    precondition(gradients.count == count && first.count == count && second.count == count)
    for i in 0..<count {
      let gradient = gradients[i] + gradientDecay * values[i]
      let mean = keepFirst * first[i] + takeFirst * gradient
      let square = keepSecond * second[i] + takeSecond * (gradient * gradient)
      first[i] = mean
      second[i] = square
      // The magnitude, which a sum of squares is already, tells the compiler that the root needs no
      // branch for negative numbers: five times faster, since the loop then becomes vectors.
      let divisor = square.magnitude.squareRoot() * correction + epsilon
      values[i] = (values[i] - valueDecay * values[i]) - rate * (mean / divisor)
    }
  }

  /// Notes what is out of range.
  static func check(
    beta1: Double, beta2: Double, epsilon: Double, _ list: inout ProblemList
  ) {
    list.require((0..<1).contains(beta1), "beta1", "is \(beta1); it must lie in 0 ..< 1")
    list.require((0..<1).contains(beta2), "beta2", "is \(beta2); it must lie in 0 ..< 1")
    // Below the smallest normal float32, a parameter without gradient would become 0 / 0.
    list.require(
      epsilon >= 1e-37 && epsilon.isFinite, "epsilon",
      "is \(epsilon); it must be at least 1e-37, or parameters without gradient divide by 0")
  }
}
