public import Compute

/// An optimizer as a configuration describes it.
///
/// An optimizer is one loop over spans of equal length: ``update(values:gradients:first:second:weightDecay:learningRate:step:)``.
/// The extension calls it for each run of trainable parameters that decay alike and moves the
/// running statistics. The result depends on nothing but the numbers handed over.
public protocol OptimizerConfiguration: CatalogueEntry {
  /// The learning rate that the schedule multiplies.
  var learningRate: Double { get }

  /// The factor of the decay of weights.
  var weightDecay: Double { get }

  /// Whether the decay also applies to biases and to the scales of normalizations and PReLU. True,
  /// the default, decays all that is trainable, as PyTorch and nnU-Net do; false only weights.
  var decayNormAndBias: Bool { get }

  /// The names of the state arenas that are kept from step to step, at most two; checkpoints store
  /// each under `name/parameter`.
  var stateNames: [String] { get }

  /// Changes values by one step.
  ///
  /// - Parameters:
  ///   - values: what is optimized.
  ///   - gradients: the gradients, as many as there are values.
  ///   - first: the first state arena's slice; empty where there is none.
  ///   - second: the second state arena's slice; empty where there is none.
  ///   - weightDecay: the decay that applies to these values.
  ///   - learningRate: the learning rate of this step.
  ///   - step: the number of this step, from 1.
  func update(
    values: inout MutableSpan<Float>, gradients: Span<Float>, first: inout MutableSpan<Float>,
    second: inout MutableSpan<Float>, weightDecay: Double, learningRate: Double, step: Int)
}

extension OptimizerConfiguration {
  /// Takes one step: trainable parameters by ``update(values:gradients:first:second:weightDecay:learningRate:step:)``,
  /// running statistics by `value = (1 - momentum) value + momentum observation`.
  ///
  /// - Parameters:
  ///   - values: the parameter arena.
  ///   - gradients: the gradient arena: gradients and observed statistics.
  ///   - state: the optimizer's state, made for the same table.
  ///   - table: the slices of both arenas.
  ///   - learningRate: the learning rate of this step, after the schedule.
  ///   - step: the number of this step, from 1; Adam corrects its bias by it.
  /// - Complexity: one pass over the arenas.
  public func step(
    values: inout MutableSpan<Float>, gradients: Span<Float>, state: inout OptimizerState,
    table: ParameterTable, learningRate: Double, step: Int
  ) {
    precondition(step >= 1, "steps are counted from 1")
    precondition(
      values.count == table.elementCount && gradients.count == table.elementCount,
      "the arenas do not fit the table")
    precondition(state.names == stateNames, "the state belongs to another optimizer")
    updateRuns(
      &values, gradients, &state.first, &state.second, table: table, learningRate: learningRate,
      step: step)
    table.moveStatistics(&values, toward: gradients)
  }

  /// Updates each run of trainable parameters with its slices of the state.
  private func updateRuns(
    _ values: inout MutableSpan<Float>, _ gradients: Span<Float>, _ firstArena: inout [Float],
    _ secondArena: inout [Float], table: ParameterTable, learningRate: Double, step: Int
  ) {
    let (hasFirst, hasSecond) = (!stateNames.isEmpty, stateNames.count > 1)
    var first = firstArena.mutableSpan
    var second = secondArena.mutableSpan
    precondition(
      first.count == (hasFirst ? values.count : 0)
        && second.count == (hasSecond ? values.count : 0), "the state does not fit the table")
    for run in table.trainableRuns(decayNormAndBias: decayNormAndBias) {
      var valueSlice = values._mutatingExtracting(run.range)
      var firstSlice = first._mutatingExtracting(hasFirst ? run.range : 0..<0)
      var secondSlice = second._mutatingExtracting(hasSecond ? run.range : 0..<0)
      update(
        values: &valueSlice, gradients: gradients.extracting(run.range), first: &firstSlice,
        second: &secondSlice, weightDecay: run.decays ? weightDecay : 0,
        learningRate: learningRate, step: step)
    }
  }

  /// The faults of the values that all optimizers have.
  func commonProblems() -> ProblemList {
    var list = ProblemList()
    list.require(
      learningRate >= 0 && learningRate.isFinite, "learningRate",
      "is \(learningRate); it must not be negative")
    list.require(
      weightDecay >= 0 && weightDecay.isFinite, "weightDecay",
      "is \(weightDecay); it must not be negative")
    return list
  }
}

/// The optimizers that a configuration may name. Add one: a file in this folder, a line here.
public enum Optimizers: Catalogue {
  /// Any optimizer's configuration.
  public typealias Entry = any OptimizerConfiguration
  /// What errors call an entry.
  public static let subject = "optimizer"
  /// The optimizers.
  public static var catalogue: [any CatalogueEntry.Type] {
    [SGDOptimizer.self, AdamOptimizer.self, AdamWOptimizer.self, RMSpropOptimizer.self]
  }
}

/// An optimizer as a configuration writes it: `{kind: sgd, learningRate: 0.01}`.
public typealias OptimizerChoice = Choice<Optimizers>
