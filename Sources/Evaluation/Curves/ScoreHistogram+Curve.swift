extension ScoreCurve {
  /// The curve of a histogram: one point a bin that is not empty, at its lower edge.
  ///
  /// Every point is one of the exact curve; the areas differ from the exact ones by what
  /// ``ScoreHistogram/areaUnderROCBounds`` and ``ScoreHistogram/averagePrecisionBounds`` allow.
  /// - Complexity: O(bins).
  public init(_ histogram: ScoreHistogram) {
    self.init(
      descendingSteps: histogram.occupied.reversed().map {
        OperatingPoint(
          threshold: ScoreHistogram.lowerEdge(of: $0.bin), truePositives: $0.positives,
          falsePositives: $0.negatives)
      })
  }
}

extension ScoreHistogram {
  /// The bins that are not empty, in ascending order.
  public var occupied: [(bin: Int, positives: Int, negatives: Int)] {
    let counts = counts.span
    var occupied: [(bin: Int, positives: Int, negatives: Int)] = []
    for bin in 0..<Self.bins where counts[bin] > 0 || counts[Self.bins + bin] > 0 {
      occupied.append((bin, Int(counts[bin]), Int(counts[Self.bins + bin])))
    }
    return occupied
  }

  /// Where the exact area under the ROC curve lies: what the histogram's curve gives, plus or minus
  /// half the share of pairs of a positive and a negative that fell into one bin. `nil` where the
  /// area is undefined.
  ///
  /// A bin's part of the exact curve runs within a rectangle of p/P by n/N from corner to corner,
  /// and the histogram's is the diagonal.
  public var areaUnderROCBounds: ClosedRange<Double>? {
    guard case .value(let area) = ScoreCurve(self).areaUnderROC else { return nil }
    var shared: UInt128 = 0
    for item in occupied { shared += UInt128(item.positives) * UInt128(item.negatives) }
    let margin = Double(shared) / (2 * Double(positives) * Double(negatives))
    return max(0, area - margin)...min(1, area + margin)
  }

  /// Where the exact average precision lies; `nil` where it is undefined.
  ///
  /// Within a bin the precision at a positive is least if all the bin's negatives have higher
  /// scores than it, and greatest if none has.
  public var averagePrecisionBounds: ClosedRange<Double>? {
    guard positives > 0 else { return nil }
    var (least, most) = (0.0, 0.0)
    var (truePositives, falsePositives) = (0, 0)
    for item in occupied.reversed() {
      let end = truePositives + item.positives
      if item.positives > 0 {
        let weight = Double(item.positives)
        let alarms = falsePositives + item.negatives
        // The first positive's precision bounds the others' from below, the last's from above.
        least += weight * Double(truePositives + 1) / Double(truePositives + 1 + alarms)
        most += weight * Double(end) / Double(end + falsePositives)
      }
      truePositives = end
      falsePositives += item.negatives
    }
    return (least / Double(positives))...(most / Double(positives))
  }
}
