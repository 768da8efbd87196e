public import Compute

/// The cross-entropy of a sigmoid for each class, "this class or not": the mean over voxels and
/// classes of -t log σ(z) - (1 - t) log(1 - σ(z)), PyTorch's `binary_cross_entropy_with_logits` with
/// one-hot labels t.
///
/// Predictions are sigmoids too, and the class with the largest wins. The networks with one output of
/// the papers are another matter: one sigmoid of one logit is the softmax of two logits, that logit
/// being their difference, so their binary cross-entropy is ``CrossEntropyLoss`` with two classes.
public struct BinaryCrossEntropyLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "binaryCrossEntropy"

  /// A binary cross-entropy.
  public init() {}

  /// Fits any number of classes.
  public func problems(classes: Int) -> [ConfigurationProblem] { [] }

  /// Sigmoids.
  public var activation: OutputActivation { .sigmoid }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    try g.binaryCrossEntropy(logits, labels: labels)
  }
}
