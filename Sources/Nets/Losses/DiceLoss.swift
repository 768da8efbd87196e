public import Compute

/// Soft Dice: for each sample and class 1 - (2 Σ p t + s) / (Σ p + Σ t + s), with softmax
/// probabilities p, one-hot labels t and s = ``OverlapOptions/smooth``; then the mean over classes
/// and samples.
///
/// As in nnU-Net's `MemoryEfficientSoftDiceLoss` with `batch_dice=False, do_bg=False`, up to the
/// constant 1, and MONAI's `DiceLoss(softmax=True, include_background=False)`. With `squared`, Σ p²
/// stands for Σ p (Milletari, Navab, Ahmadi 2016, equation 2; MONAI's `squared_pred`).
public struct DiceLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "dice"

  /// Which classes count, and how scores become one number.
  public var options = OverlapOptions(
    squared: false, includeBackground: false, reduction: .mean)

  /// A Dice loss with the defaults: not squared, without background, mean over classes.
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
    let numerator = try g.scaleShift(sums.intersection, scale: 2, shift: smooth)
    let predicted = options.squared ? sums.squared : sums.predicted
    let denominator = try g.scaleShift(
      g.add(predicted, sums.reference), scale: 1, shift: smooth)
    return try options.reduce(
      g.divide(numerator, denominator), reference: sums.reference, in: &g)
  }
}
