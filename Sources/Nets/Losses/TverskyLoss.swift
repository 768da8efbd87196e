public import Compute

/// Tversky loss (Salehi, Erdogmus, Gholipour 2017, equation 3): 1 - T with
/// T = (TP + s) / (TP + alpha FN + beta FP + s), TP = Σ p t, FN = Σ (1 - p) t, FP = Σ p (1 - t), for softmax
/// probabilities p and one-hot labels t; then the mean over classes and samples.
///
/// `alpha` weighs what is missed and `beta` what is found wrongly: 0.7 and 0.3 in the knee
/// segmentation of Imperial College, 0.5 and 0.5 give Dice. With `gamma` other than 1 it is
/// the focal Tversky loss (1 - T)^gamma (Abraham, Khan 2019, whose γ is our 1 / gamma; 0.75 in both).
public struct TverskyLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "tversky"

  /// The weight of what is missed (false negatives).
  public var alpha = 0.7
  /// The weight of what is found wrongly (false positives).
  public var beta = 0.3
  /// The exponent of each class's loss.
  public var gamma = 1.0
  /// Which classes count, and how scores become one number.
  public var options = OverlapOptions(
    squared: false, smooth: 1, includeBackground: false, reduction: .mean)

  private enum CodingKeys: String, CodingKey { case alpha, beta, gamma }

  /// A Tversky loss with the defaults.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    alpha = try keys.value(.alpha, default: alpha)
    beta = try keys.value(.beta, default: beta)
    gamma = try keys.value(.gamma, default: gamma)
    options = try options.overlaid(from: decoder)
  }

  /// Writes the keys.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(alpha, forKey: .alpha)
    try keys.encode(beta, forKey: .beta)
    try keys.encode(gamma, forKey: .gamma)
    try options.encode(to: encoder)
  }

  /// Requires weights that are not negative, and a positive exponent and smoothing term.
  public func problems() -> [ConfigurationProblem] { ownProblems + options.problems() }

  /// Also requires a class that counts.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    ownProblems + options.problems(classes: classes)
  }

  private var ownProblems: [ConfigurationProblem] {
    var list = ProblemList()
    for (key, value) in [("alpha", alpha), ("beta", beta)] {
      list.require((0...100).contains(value), key, "is \(value); it must lie in 0 … 100")
    }
    list.require(
      gamma >= 0.1 && gamma <= 10, "gamma", "is \(gamma); it must lie in 0.1 … 10")
    list.require(
      !options.squared, "squared", "is true, which the Tversky index does not know; set it to false"
    )
    return list.problems
  }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    let sums = try options.sums(of: g.softmax(logits), labels: labels, in: &g)
    let smooth = Float(options.smooth)
    // TP + alpha (Σ t - TP) + beta (Σ p - TP) + s.
    let found = try g.scaleShift(
      sums.intersection, scale: Float(1 - alpha - beta), shift: smooth)
    let denominator = try g.add(
      g.add(found, g.scaleShift(sums.reference, scale: Float(alpha))),
      g.scaleShift(sums.predicted, scale: Float(beta)))
    let scores = try g.divide(
      g.scaleShift(sums.intersection, scale: 1, shift: smooth), denominator)
    return try options.reduce(
      scores, reference: sums.reference, power: Float(gamma), in: &g)
  }
}
