extension SurfaceDistances {
  /// The values (mm, or a part of 1) of these quantities, in their order.
  ///
  /// Sums run in the order of storage, so that equal masks give equal bits.
  /// - Complexity: O(n log n) in the pieces of both surfaces.
  public func values(of metrics: [SurfaceMetric]) -> [Double] {
    let prediction = WeightedSample(fromPrediction, weights: predictionAreas)
    let reference = WeightedSample(fromReference, weights: referenceAreas)
    let pooled = WeightedSample(
      fromPrediction + fromReference, weights: predictionAreas + referenceAreas)
    return metrics.map { metric in
      switch metric {
      case .pooledMean:
        (prediction.sum + reference.sum) / (prediction.weight + reference.weight)
      case .predictionMean: prediction.mean
      case .referenceMean: reference.mean
      case .symmetricMean: (prediction.mean + reference.mean) / 2
      case .maximum: max(prediction.maximum, reference.maximum)
      case .percentile95: max(prediction.percentile(0.95), reference.percentile(0.95))
      case .pooledPercentile95: pooled.percentile(0.95)
      case .surfaceDice(let tolerance):
        (prediction.weight(within: tolerance) + reference.weight(within: tolerance))
          / (prediction.weight + reference.weight)
      }
    }
  }
}

/// Distances with their weights, none of them all alike.
private struct WeightedSample {
  private let distances: [Double]
  private let weights: [Double]
  /// Distances in ascending order, and their weights.
  private let sorted: [(distance: Double, weight: Double)]
  /// The sum of distances times weights.
  let sum: Double
  /// The sum of weights.
  let weight: Double

  init(_ distances: [Double], weights: [Double]) {
    self.distances = distances
    self.weights = weights
    if weights.isEmpty {
      sorted = distances.sorted().map { ($0, 1) }
      sum = distances.reduce(0, +)
      weight = Double(distances.count)
    } else {
      sorted = zip(distances, weights).sorted { $0 < $1 }
      sum = zip(distances, weights).reduce(0) { $0 + $1.0 * $1.1 }
      weight = weights.reduce(0, +)
    }
  }

  var mean: Double { sum / weight }

  var maximum: Double { sorted.last?.distance ?? 0 }

  /// Without weights NumPy's percentile; with weights the least distance up to which the weights
  /// make the fraction, as DeepMind has it.
  func percentile(_ fraction: Double) -> Double {
    guard !weights.isEmpty else {
      return Quantile.of(fraction, sorted: sorted.map(\.distance))
    }
    // Both sums in the same order, so that the last quotient is 1.
    let total = sorted.reduce(0) { $0 + $1.weight }
    var reached = 0.0
    for (distance, weight) in sorted {
      reached += weight
      if reached / total >= fraction { return distance }
    }
    return maximum
  }

  func weight(within tolerance: Double) -> Double {
    guard !weights.isEmpty else { return Double(distances.count { $0 <= tolerance }) }
    return zip(distances, weights).reduce(0) { $1.0 <= tolerance ? $0 + $1.1 : $0 }
  }
}
