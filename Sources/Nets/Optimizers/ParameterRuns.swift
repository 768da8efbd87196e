import Compute

/// Consecutive trainable parameters that decay alike.
struct ParameterRun: Equatable {
  /// Their elements, the padding between them included: zeros, which every optimizer keeps.
  var range: Range<Int>
  /// Whether weight decay applies.
  let decays: Bool
}

extension ParameterTable {
  /// The trainable parameters as few long runs, in arena order.
  func trainableRuns(decayNormAndBias: Bool) -> [ParameterRun] {
    var runs: [ParameterRun] = []
    var joins = false
    for entry in entries {
      guard entry.role.isTrainable else {
        joins = false
        continue
      }
      let decays = decayNormAndBias || entry.role == .weight
      if joins, let last = runs.last, last.decays == decays {
        runs[runs.count - 1].range = last.range.lowerBound..<entry.range.upperBound
      } else {
        runs.append(ParameterRun(range: entry.range, decays: decays))
      }
      joins = true
    }
    return runs
  }

  /// Moves each running statistic toward what the step observed, by its momentum.
  func moveStatistics(_ values: inout MutableSpan<Float>, toward observed: Span<Float>) {
    for entry in entries {
      guard case .statistic(let momentum) = entry.role else { continue }
      for index in entry.range {
        values[index] = (1 - momentum) * values[index] + momentum * observed[index]
      }
    }
  }
}
