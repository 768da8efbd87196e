public import Compute

/// The mean over voxels of -log softmax(logits)[label], each weighted by its label's class:
/// L = -Σ_i w(y_i) log p_i(y_i) / Σ_i w(y_i), over all voxels of all samples.
///
/// The same as PyTorch's `cross_entropy` with `weight` and `reduction='mean'`. With class weights
/// the divisor depends on the labels, so that the mean over shards is not exactly the loss of the
/// whole batch; without, or with `normalization: voxels`, it is.
///
/// With two classes this is the binary cross-entropy of a network with one output: the softmax of
/// two logits is the sigmoid of their difference.
public struct CrossEntropyLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "crossEntropy"

  /// How classes are weighed.
  public var options = ClassWeightOptions()

  /// A cross-entropy.
  public init(classWeights: [Float] = []) {
    options = ClassWeightOptions(classWeights: classWeights)
  }

  /// The weight of each class, background first; empty where all weigh 1.
  public var classWeights: [Float] {
    get { options.classWeights }
    set { options.classWeights = newValue }
  }

  /// Reads the keys of the options that are present.
  public init(from decoder: any Decoder) throws { options = try options.overlaid(from: decoder) }

  /// Writes the keys of the options.
  public func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }

  /// Requires weights that are positive.
  public func problems() -> [ConfigurationProblem] { options.problems() }

  /// Also requires one weight a class.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    options.problems(classes: classes)
  }

  /// Whether weights come from the training subjects.
  public var needsClassCounts: Bool { options.needsCounts }

  /// The loss with the weights written out.
  public func weighted(byClassCounts counts: [Int]) -> any LossConfiguration {
    var result = self
    result.options = options.weighted(by: counts)
    return result
  }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.crossEntropy(logits, labels: labels, options.operation())
  }
}
