import Compute

/// How classes are weighed in losses that are means over voxels: the keys that they share.
///
/// The weights are given, or they come from how often each class occurs: n_c of n voxels.
public struct ClassWeightOptions: Codable, Sendable, Equatable {
  /// Where weights come from.
  public enum Weighting: String, NamedOption {
    /// ``classWeights``; 1 for every class where there are none.
    case given
    /// 1 - n_c / n. For two classes the foreground weighs n_background / n and the background
    /// n_foreground / n (Deniz et al. 2018, equation 1 as far as it can be read).
    case complement
    /// median(n_c) / n_c, all divided by the least of them: 1 for the most frequent class (Desai
    /// et al. 2019, in their code).
    case medianFrequency
  }

  /// What is counted.
  public enum Counts: String, NamedOption {
    /// The voxels of the training subjects of the fold, on the prepared grid, before training.
    case dataset
    /// The voxels of each sample of a batch by itself, at every step.
    case sample
  }

  /// What the weighted sum over voxels is divided by.
  public enum Normalization: String, NamedOption {
    /// The sum of the voxels' weights, as in PyTorch.
    case weights
    /// The number of voxels, as in Keras and in the papers' formulas.
    case voxels
  }

  /// The weight of each class, background first; empty where all weigh 1.
  public var classWeights: [Float] = []
  /// Where weights come from.
  public var weighting = Weighting.given
  /// What is counted where weights come from the data.
  public var counts = Counts.dataset
  /// What the weighted sum over voxels is divided by.
  public var normalization = Normalization.weights

  init(classWeights: [Float] = [], normalization: Normalization = .weights) {
    self.classWeights = classWeights
    self.normalization = normalization
  }

  /// These options, changed by the keys that are present.
  func overlaid(from decoder: any Decoder) throws -> ClassWeightOptions {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    var result = self
    result.classWeights = try keys.value(.classWeights, default: classWeights)
    result.weighting = try keys.value(.weighting, default: weighting)
    result.counts = try keys.value(.counts, default: counts)
    result.normalization = try keys.value(.normalization, default: normalization)
    return result
  }

  /// Requires weights that are positive, and one source of them.
  func problems() -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      classWeights.allSatisfy { $0 > 0 && $0.isFinite }, "classWeights",
      "is \(classWeights); weights must be positive")
    list.require(
      weighting == .given || classWeights.isEmpty, "classWeights",
      "is given although weighting is \(weighting.rawValue); remove one of them")
    list.require(
      counts == .dataset || weighting == .complement, "counts",
      "is sample, which weighting: \(weighting.rawValue) does not know; use complement or dataset")
    return list.problems
  }

  /// Also requires one weight a class.
  func problems(classes: Int) -> [ConfigurationProblem] {
    var list = ProblemList()
    list.require(
      classWeights.isEmpty || classWeights.count == classes, "classWeights",
      "has \(classWeights.count) numbers; give one for each of the \(classes) classes, background "
        + "first, or none")
    return problems() + list.problems
  }

  /// Whether the weights are yet to be computed from the training subjects.
  var needsCounts: Bool { weighting != .given && counts == .dataset }

  /// The options with the weights written out, where they come from the training subjects.
  ///
  /// - Parameter counts: how many voxels of the training subjects are of each class; none is 0
  ///   where ``Weighting/medianFrequency`` asks for them.
  /// - Returns: options whose weights are given.
  func weighted(by counts: [Int]) -> ClassWeightOptions {
    guard needsCounts else { return self }
    var result = self
    result.weighting = .given
    let total = Double(counts.reduce(0, +))
    switch weighting {
    case .given: break
    case .complement:
      result.classWeights = counts.map { Float((total - Double($0)) / total) }
    case .medianFrequency:
      // The median cancels where all are divided by the least.
      let largest = Double(counts.max() ?? 0)
      result.classWeights = counts.map { Float(largest / Double($0)) }
    }
    return result
  }

  /// The operation with these weights.
  func operation(focus: Float = 0) -> CrossEntropy {
    CrossEntropy(
      classWeights: classWeights,
      balancesSamples: weighting == .complement && counts == .sample, focus: focus,
      divisor: normalization == .voxels ? .voxels : .weights)
  }
}
