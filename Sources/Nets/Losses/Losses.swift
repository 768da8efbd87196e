public import Compute

/// A loss as a configuration describes it; tracing it records its operations in a graph, whose
/// differentiation gives the gradients.
///
/// Every loss is a mean over the samples of its batch, so that the mean over equal shards is the
/// loss of the whole batch wherever terms are normalized by counts that labels do not change.
public protocol LossConfiguration: CatalogueEntry {
  /// What is wrong with the values for this number of classes.
  func problems(classes: Int) -> [ConfigurationProblem]

  /// Records the loss.
  ///
  /// - Parameters:
  ///   - logits: `[N, C, spatial…]`, C classes, background first.
  ///   - labels: `[N, spatial…]`, in `0..<C`.
  ///   - g: the graph that it is recorded in.
  /// - Returns: a dense scalar `[1]`.
  /// - Throws: `GraphError` where logits and labels do not fit each other or the loss.
  func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol

  /// What makes probabilities of the logits that this loss trains.
  var activation: OutputActivation { get }

  /// Whether the loss needs the class counts of the training subjects before it can be traced as it
  /// is meant (``weighted(byClassCounts:)``).
  var needsClassCounts: Bool { get }

  /// The loss with what it learns from counts written out; itself where it learns nothing.
  ///
  /// - Parameter counts: how many voxels of the training subjects are of each class.
  /// - Returns: the loss to train with.
  func weighted(byClassCounts counts: [Int]) -> any LossConfiguration
}

extension LossConfiguration {
  /// The default is the softmax over classes.
  public var activation: OutputActivation { .softmax }

  /// The default needs none.
  public var needsClassCounts: Bool { false }

  /// The default learns nothing.
  public func weighted(byClassCounts counts: [Int]) -> any LossConfiguration { self }
}

/// What makes probabilities of logits.
public enum OutputActivation: String, Sendable {
  /// One distribution over the classes.
  case softmax
  /// One answer a class, independent of the others.
  case sigmoid
}

/// The losses that a configuration may name. Add one: a file in this folder, a line here.
public enum Losses: Catalogue {
  /// Any loss's configuration.
  public typealias Entry = any LossConfiguration
  /// What errors call an entry.
  public static let subject = "loss"
  /// The losses.
  public static var catalogue: [any CatalogueEntry.Type] {
    [
      CrossEntropyLoss.self, DiceLoss.self, DiceCrossEntropyLoss.self, JaccardLoss.self,
      TverskyLoss.self, FocalLoss.self, BinaryCrossEntropyLoss.self, SumLoss.self,
    ]
  }
}

/// A loss as a configuration writes it: `{kind: dice, squared: true}`.
public typealias LossChoice = Choice<Losses>
