/// Stochastic gradient descent with momentum, as PyTorch's `SGD`:
///
/// ```
/// g = gradient + weightDecay · value
/// m = momentum · m + g
/// value = value - learningRate · (nesterov ? g + momentum · m : m)
/// ```
public struct SGDOptimizer: OptimizerConfiguration {
  /// The name in a configuration.
  public static let kind = "sgd"

  /// The learning rate that the schedule multiplies.
  public var learningRate = 0.01
  /// The part of the last step that is kept, in 0 ..< 1; 0 keeps no state.
  public var momentum = 0.9
  /// Whether the gradient is looked up ahead (Sutskever et al. 2013, in PyTorch's form).
  public var nesterov = false
  /// The factor of the decay, added to the gradient.
  public var weightDecay = 0.0
  /// Whether biases and scales decay too.
  public var decayNormAndBias = true

  /// SGD with the defaults of every option.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    learningRate = try keys.value(.learningRate, default: learningRate)
    momentum = try keys.value(.momentum, default: momentum)
    nesterov = try keys.value(.nesterov, default: nesterov)
    weightDecay = try keys.value(.weightDecay, default: weightDecay)
    decayNormAndBias = try keys.value(.decayNormAndBias, default: decayNormAndBias)
  }

  /// Requires values in range.
  public func problems() -> [ConfigurationProblem] {
    var list = commonProblems()
    list.require((0..<1).contains(momentum), "momentum", "is \(momentum); it must lie in 0 ..< 1")
    list.require(
      !nesterov || momentum > 0, "nesterov", "is true, which needs a momentum above 0")
    return list.problems
  }

  /// One arena, `momentum`; none where momentum is 0.
  public var stateNames: [String] { momentum > 0 ? ["momentum"] : [] }

  /// Changes values by one step.
  public func update(
    values: inout MutableSpan<Float>, gradients: Span<Float>, first: inout MutableSpan<Float>,
    second: inout MutableSpan<Float>, weightDecay: Double, learningRate: Double, step: Int
  ) {
    let count = values.count
    let (rate, decay, keep) = (Float(learningRate), Float(weightDecay), Float(momentum))
    precondition(gradients.count == count)
    guard momentum > 0 else {
      for i in 0..<count { values[i] -= rate * (gradients[i] + decay * values[i]) }
      return
    }
    precondition(first.count == count)
    if nesterov {
      for i in 0..<count {
        let gradient = gradients[i] + decay * values[i]
        let velocity = keep * first[i] + gradient
        first[i] = velocity
        values[i] -= rate * (gradient + keep * velocity)
      }
    } else {
      for i in 0..<count {
        let velocity = keep * first[i] + (gradients[i] + decay * values[i])
        first[i] = velocity
        values[i] -= rate * velocity
      }
    }
  }
}
