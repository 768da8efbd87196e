/// Adam (Kingma, Ba 2015, algorithm 1), as PyTorch's `Adam`:
///
/// ```
/// g = gradient + weightDecay · value
/// m = beta1 · m + (1 - beta1) · g
/// v = beta2 · v + (1 - beta2) · g²
/// value -= learningRate / (1 - beta1^t) · m / (√v / √(1 - beta2^t) + epsilon)
/// ```
public struct AdamOptimizer: OptimizerConfiguration {
  /// The name in a configuration.
  public static let kind = "adam"

  /// The learning rate that the schedule multiplies.
  public var learningRate = 1e-3
  /// The part of the mean gradient that is kept.
  public var beta1 = 0.9
  /// The part of the mean squared gradient that is kept.
  public var beta2 = 0.999
  /// Added to the divisor.
  public var epsilon = 1e-8
  /// The factor of the decay, added to the gradient (see ``AdamWOptimizer`` for the other way).
  public var weightDecay = 0.0
  /// Whether biases and scales decay too.
  public var decayNormAndBias = true

  /// Adam with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try keys.value(.learningRate, default: learningRate)
    beta1 = try keys.value(.beta1, default: beta1)
    beta2 = try keys.value(.beta2, default: beta2)
    epsilon = try keys.value(.epsilon, default: epsilon)
    weightDecay = try keys.value(.weightDecay, default: weightDecay)
    decayNormAndBias = try keys.value(.decayNormAndBias, default: decayNormAndBias)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = commonProblems()
    AdamMoments.check(beta1: beta1, beta2: beta2, epsilon: epsilon, &list)
    return list.problems
  }

  /// Two arenas, `adam.m` and `adam.v`.
  public var stateNames: [String] { ["adam.m", "adam.v"] }

  /// Changes values by one step.
  public func update(
    values: inout MutableSpan<Float>, gradients: Span<Float>, first: inout MutableSpan<Float>,
    second: inout MutableSpan<Float>, weightDecay: Double, learningRate: Double, step: Int
  ) {
    AdamMoments(
      beta1: beta1, beta2: beta2, epsilon: epsilon, learningRate: learningRate, step: step,
      gradientDecay: Float(weightDecay), valueDecay: 0
    ).update(&values, gradients, &first, &second)
  }
}
