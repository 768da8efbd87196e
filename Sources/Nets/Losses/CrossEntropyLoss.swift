public import Compute

/// The mean over voxels of -log softmax(logits)[label], each weighted by its label's class:
/// L = -Σ_i w(y_i) log p_i(y_i) / Σ_i w(y_i), over all voxels of all samples.
///
/// The same as PyTorch's `cross_entropy` with `weight` and `reduction='mean'`. With class weights
/// the divisor depends on the labels, so that the mean over shards is not exactly the loss of the
/// whole batch; without, it is.
public struct CrossEntropyLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "crossEntropy"

  /// The weight of each class, background first; empty where all weigh 1.
  public var classWeights: [Float] = []

  /// A cross-entropy.
  public init(classWeights: [Float] = []) { self.classWeights = classWeights }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    classWeights = try keys.value(.classWeights, default: classWeights)
  }

  /// Requires weights that are positive.
  public func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      classWeights.allSatisfy { $0 > 0 && $0.isFinite }, "classWeights",
      "is \(classWeights); weights must be positive")
    return list.problems
  }

  /// Also requires one weight a class.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      classWeights.isEmpty || classWeights.count == classes, "classWeights",
      "has \(classWeights.count) numbers; give one for each of the \(classes) classes, background "
        + "first, or none")
    return problems() + list.problems
  }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.crossEntropy(logits, labels: labels, classWeights: classWeights)
  }
}
