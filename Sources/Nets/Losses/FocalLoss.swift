public import Compute

/// The focal loss (Lin, Goyal, Girshick, He, Dollár 2017, equation 5, for any number of classes): the
/// mean over voxels of -w(y) (1 - p(y))^gamma log p(y), with softmax probabilities p.
///
/// `gamma: 0` is ``CrossEntropyLoss``; ``ClassWeightOptions/classWeights`` are the paper's α.
public struct FocalLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "focal"

  /// The exponent: how little voxels count that are classified well.
  public var gamma = 2.0
  /// How classes are weighed; the sum is divided by the number of voxels.
  public var options = ClassWeightOptions(normalization: .voxels)

  private enum CodingKeys: String, CodingKey { case gamma }

  /// A focal loss.
  public init(gamma: Double = 2) { self.gamma = gamma }

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    gamma = try keys.value(.gamma, default: gamma)
    options = try options.overlaid(from: decoder)
  }

  /// Writes gamma and the keys of the options.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(gamma, forKey: .gamma)
    try options.encode(to: encoder)
  }

  /// Requires an exponent in range and weights that are positive.
  public func problems() -> [ConfigurationProblem] { gammaProblems + options.problems() }

  /// Also requires one weight a class.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    gammaProblems + options.problems(classes: classes)
  }

  private var gammaProblems: [ConfigurationProblem] {
    var list = ProblemList()
    list.require((0...10).contains(gamma), "gamma", "is \(gamma); it must lie in 0 … 10")
    return list.problems
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
    try g.crossEntropy(logits, labels: labels, options.operation(focus: Float(gamma)))
  }
}
