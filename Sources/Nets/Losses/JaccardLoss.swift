public import Compute

/// Soft Jaccard distance: for each sample and class 1 - (Σ p t + s) / (Σ p² + Σ t - Σ p t + s), with
/// softmax probabilities p, one-hot labels t and s = ``OverlapOptions/smooth``; then the sum or mean
/// over classes, and the mean over samples.
///
/// The defaults (squared, with background, mean) differ from Kayalibay, Jensen, van der Smagt 2017
/// only in that they sum over classes (`reduction: sum`). Without `squared`, Σ p stands for Σ p².
/// MONAI's `jaccard=True` doubles the union and the intersection, so that its smoothing is half ours.
public struct JaccardLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "jaccard"

  /// Which classes count, and how scores become one number.
  public var options = OverlapOptions(squared: true, includeBackground: true, reduction: .mean)

  /// A Jaccard loss with the defaults: squared, with background, mean over classes.
  public init() {}

  /// Reads the keys of the options that are present.
  public init(from decoder: any Decoder) throws { options = try options.overlaid(from: decoder) }

  /// Writes the keys of the options.
  public func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }

  /// Requires a positive smoothing term.
  public func problems() -> [ConfigurationProblem] { options.problems() }

  /// Also requires a class that counts.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    options.problems(classes: classes)
  }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let sums = try options.sums(of: g.softmax(logits), labels: labels, in: &g)
    let smooth = Float(options.smooth)
    let predicted = options.squared ? sums.squared : sums.predicted
    let union = try g.add(
      g.add(predicted, sums.reference), g.scaleShift(sums.intersection, scale: -1))
    let scores = try g.divide(
      g.scaleShift(sums.intersection, scale: 1, shift: smooth),
      g.scaleShift(union, scale: 1, shift: smooth))
    return try options.reduce(scores, reference: sums.reference, in: &g)
  }
}
