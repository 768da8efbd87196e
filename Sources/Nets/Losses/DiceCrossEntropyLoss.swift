public import Compute

/// A weighted sum of soft Dice and cross-entropy, nnU-Net's loss:
/// `diceWeight` · ``DiceLoss`` + `crossEntropyWeight` · ``CrossEntropyLoss``.
public struct DiceCrossEntropyLoss: LossConfiguration {
  /// The name in a configuration.
  public static let kind = "diceCrossEntropy"

  /// The factor of the Dice loss.
  public var diceWeight: Float = 1
  /// The factor of the cross-entropy.
  public var crossEntropyWeight: Float = 1
  /// The options of the Dice loss.
  public var dice = DiceLoss()
  /// The options of the cross-entropy.
  public var crossEntropy = CrossEntropyLoss()

  /// The sum with the defaults of both.
  public init() {}

  /// Reads the keys that are present.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    diceWeight = try keys.value(.diceWeight, default: diceWeight)
    crossEntropyWeight = try keys.value(.crossEntropyWeight, default: crossEntropyWeight)
    dice = try keys.value(.dice, default: dice)
    crossEntropy = try keys.value(.crossEntropy, default: crossEntropy)
  }

  /// Requires factors that are not negative.
  public func problems() -> [ConfigurationProblem] {
    weightProblems + dice.problems().map { $0.under("dice") }
      + crossEntropy.problems().map { $0.under("crossEntropy") }
  }

  /// Also what the terms require of the classes.
  public func problems(classes: Int) -> [ConfigurationProblem] {
    weightProblems + dice.problems(classes: classes).map { $0.under("dice") }
      + crossEntropy.problems(classes: classes).map { $0.under("crossEntropy") }
  }

  private var weightProblems: [ConfigurationProblem] {
    var list = ProblemList()
    for (key, weight) in [
      ("diceWeight", diceWeight), ("crossEntropyWeight", crossEntropyWeight),
    ] {
      list.require(
        weight >= 0 && weight.isFinite, key, "is \(weight); it must not be negative")
    }
    return list.problems
  }

  /// Whether the cross-entropy needs them.
  public var needsClassCounts: Bool { crossEntropy.needsClassCounts }

  /// The sum with the weights of the cross-entropy written out.
  public func weighted(byClassCounts counts: [Int]) -> any LossConfiguration {
    var result = self
    result.crossEntropy.options = crossEntropy.options.weighted(by: counts)
    return result
  }

  /// Records the loss.
  public func trace(logits: Symbol, labels: Symbol, in g: inout GraphBuilder) throws -> Symbol {
    // One dense copy of the logits serves both terms.
    let logits = try g.dense(logits)
    let dice = try dice.trace(logits: logits, labels: labels, in: &g)
    let crossEntropy = try crossEntropy.trace(logits: logits, labels: labels, in: &g)
    return try g.add(
      g.scaleShift(dice, scale: diceWeight),
      g.scaleShift(crossEntropy, scale: crossEntropyWeight))
  }
}
