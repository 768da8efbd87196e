/// RMSprop (Hinton, lecture 6e, 2012), as PyTorch's `RMSprop`:
///
/// ```
/// g = gradient + weightDecay · value
/// v = alpha · v + (1 - alpha) · g²
/// m = momentum · m + g / (√v + epsilon)
/// value -= learningRate · m
/// ```
public struct RMSpropOptimizer: OptimizerConfiguration {
  /// The name in a configuration.
  public static let kind = "rmsprop"

  /// The learning rate that the schedule multiplies.
  public var learningRate = 1e-3
  /// The part of the mean squared gradient that is kept.
  public var alpha = 0.99
  /// The part of the last step that is kept, in 0 ..< 1; 0 keeps no second state.
  public var momentum = 0.0
  /// Added to the divisor.
  public var epsilon = 1e-8
  /// The factor of the decay, added to the gradient.
  public var weightDecay = 0.0
  /// Whether biases and scales decay too.
  public var decayNormAndBias = true

  /// RMSprop with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try keys.value(.learningRate, default: learningRate)
    alpha = try keys.value(.alpha, default: alpha)
    momentum = try keys.value(.momentum, default: momentum)
    epsilon = try keys.value(.epsilon, default: epsilon)
    weightDecay = try keys.value(.weightDecay, default: weightDecay)
    decayNormAndBias = try keys.value(.decayNormAndBias, default: decayNormAndBias)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = commonProblems()
    list.require((0..<1).contains(alpha), "alpha", "is \(alpha); it must lie in 0 ..< 1")
    list.require((0..<1).contains(momentum), "momentum", "is \(momentum); it must lie in 0 ..< 1")
    list.require(
      epsilon >= 1e-37 && epsilon.isFinite, "epsilon",
      "is \(epsilon); it must be at least 1e-37, or parameters without gradient divide by 0")
    return list.problems
  }

  /// `rmsprop.v`, and `momentum` where there is some.
  public var stateNames: [String] { ["rmsprop.v"] + (momentum > 0 ? ["momentum"] : []) }

  /// Changes values by one step.
  public func update(
    values: inout MutableSpan<Float>, gradients: Span<Float>, first: inout MutableSpan<Float>,
    second: inout MutableSpan<Float>, weightDecay: Double, learningRate: Double, step: Int
  ) {
    let count = values.count
    let (rate, decay, small) = (Float(learningRate), Float(weightDecay), Float(epsilon))
    let (keep, take, inertia) = (Float(alpha), Float(1 - alpha), Float(momentum))
    precondition(gradients.count == count && first.count == count)
    precondition(momentum == 0 || second.count == count)
    guard momentum > 0 else {
      for i in 0..<count {
        let gradient = gradients[i] + decay * values[i]
        let square = keep * first[i] + take * (gradient * gradient)
        first[i] = square
        // See AdamMoments for the magnitude.
        values[i] -= rate * (gradient / (square.magnitude.squareRoot() + small))
      }
      return
    }
    for i in 0..<count {
      let gradient = gradients[i] + decay * values[i]
      let square = keep * first[i] + take * (gradient * gradient)
      first[i] = square
      let move = inertia * second[i] + gradient / (square.magnitude.squareRoot() + small)
      second[i] = move
      values[i] -= rate * move
    }
  }
}
