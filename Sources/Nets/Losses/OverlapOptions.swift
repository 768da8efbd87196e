import Compute

/// What the losses made of overlaps have in common: which classes count, and how scores become one
/// number.
public struct OverlapOptions: Codable, Sendable, Equatable {
  /// What is done with a class that has no voxel in a sample's labels.
  public enum AbsentClasses: String, NamedOption {
    /// It is scored like any other: 1 where nothing is predicted either, thanks to `smooth`, and
    /// near 0 as soon as something is. nnU-Net and MONAI do this.
    case score
    /// It is left out of that sample's mean.
    case skip
  }

  /// How the classes' losses become one number.
  public enum Reduction: String, NamedOption {
    /// Their mean.
    case mean
    /// Their sum (Kayalibay, Jensen, van der Smagt 2017).
    case sum
  }

  /// Whether probabilities are squared in the denominator (Milletari et al. 2016) or not.
  public var squared: Bool
  /// Added to numerator and denominator; keeps empty classes from dividing by 0.
  public var smooth = 1e-5
  /// Whether class 0 counts.
  public var includeBackground: Bool
  /// What is done with a class that a sample's labels do not have.
  public var absentClasses = AbsentClasses.score
  /// How the classes' losses become one number.
  public var reduction: Reduction
  /// Whether all samples of a shard count as one, as if they were parts of one image; each by itself
  /// otherwise.
  public var batch = false

  init(squared: Bool, smooth: Double = 1e-5, includeBackground: Bool, reduction: Reduction) {
    self.squared = squared
    self.smooth = smooth
    self.includeBackground = includeBackground
    self.reduction = reduction
  }

  /// These options, changed by the keys that are present.
  func overlaid(from decoder: any Decoder) throws -> OverlapOptions {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    var result = self
    result.squared = try keys.value(.squared, default: squared)
    result.smooth = try keys.value(.smooth, default: smooth)
    result.includeBackground = try keys.value(.includeBackground, default: includeBackground)
    result.absentClasses = try keys.value(.absentClasses, default: absentClasses)
    result.reduction = try keys.value(.reduction, default: reduction)
    result.batch = try keys.value(.batch, default: batch)
    return result
  }

  /// Requires a positive smoothing term.
  func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      smooth >= 1e-12 && smooth.isFinite, "smooth",
      "is \(smooth); it must be at least 1e-12, so that empty classes do not divide by 0")
    return list.problems
  }

  /// Also requires a class that counts.
  func problems(classes: Int) -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      classes > (includeBackground ? 0 : 1), "includeBackground",
      "is false and there is no class but the background; set it to true")
    return problems() + list.problems
  }

  /// What overlaps are made of, `[N, C]`, or `[1, C]` where all samples count as one.
  func sums(
    of probabilities: Symbol, labels: Symbol, in g: inout GraphBuilder
  ) throws -> OverlapSymbols {
    let each = try g.overlapSums(probabilities, labels: labels)
    guard batch else { return each }
    return OverlapSymbols(
      intersection: try g.sum(each.intersection, axes: [0]),
      predicted: try g.sum(each.predicted, axes: [0]),
      squared: try g.sum(each.squared, axes: [0]),
      reference: try g.sum(each.reference, axes: [0]))
  }

  /// One number from scores `[N, C]`: the mean over samples of the mean or sum over classes of
  /// (1 - score)^power.
  ///
  /// With ``AbsentClasses/skip``, the mean is over the pairs of sample and class that the labels
  /// have, and 0 where they have none.
  func reduce(
    _ scores: Symbol, reference: Symbol, power: Float = 1, in g: inout GraphBuilder
  ) throws -> Symbol {
    let (samples, classes) = (scores.shape[0], scores.shape[1])
    var counted = [Float](repeating: 1, count: classes)
    if !includeBackground { counted[0] = 0 }
    // The slope of a root is infinite at 0, where a score is perfect: a trifle keeps away from it.
    let losses =
      try power == 1
      ? g.scaleShift(scores, scale: -1, shift: 1)
      : g.power(g.scaleShift(scores, scale: -1, shift: 1 + 1e-6), power)
    let weights = try g.constant(counted, shape: [1, classes])
    let total = counted.reduce(0, +)
    switch absentClasses {
    case .score:
      let sum = try g.sum(g.multiply(losses, weights), axes: [0, 1])
      let divisor = Float(samples) * (reduction == .mean ? total : 1)
      return try g.reshape(g.scaleShift(sum, scale: 1 / divisor), [1])
    case .skip:
      // n / (n + tiny) is 1 for a count n of at least 1 and 0 for 0, in float32 exactly.
      let tiny: Float = 1e-20
      let present = try g.divide(reference, g.scaleShift(reference, scale: 1, shift: tiny))
      let counting = try g.multiply(present, weights)
      let sum = try g.sum(g.multiply(losses, counting), axes: [0, 1])
      if reduction == .sum {
        return try g.reshape(g.scaleShift(sum, scale: 1 / Float(samples)), [1])
      }
      let count = try g.scaleShift(g.sum(counting, axes: [0, 1]), scale: 1, shift: tiny)
      return try g.reshape(g.divide(sum, count), [1])
    }
  }
}
