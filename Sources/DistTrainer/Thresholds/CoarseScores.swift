internal import Evaluation

/// A subject's scores of one label in 2^10 bins: enough to say exactly what each of the thresholds
/// k / 2^10 does to it, and 64 times smaller than a histogram of 2^16.
struct CoarseScores: Sendable, Equatable {
  /// The number of thresholds that are chosen among: multiples of 1 / 2^10.
  static let bins = 1 << 10
  private static let ratio = ScoreHistogram.bins / bins

  /// Bins that are not empty, ascending.
  private(set) var occupied: [(bin: Int, positives: Int, negatives: Int)]

  /// Adds up the bins of a histogram.
  init(_ histogram: ScoreHistogram) {
    var occupied: [(bin: Int, positives: Int, negatives: Int)] = []
    for item in histogram.occupied {
      let bin = item.bin / Self.ratio
      if let last = occupied.indices.last, occupied[last].bin == bin {
        occupied[last].positives += item.positives
        occupied[last].negatives += item.negatives
      } else {
        occupied.append((bin, item.positives, item.negatives))
      }
    }
    self.occupied = occupied
  }

  /// Scores with these bins, ascending; nil where they are not.
  init?(occupied: [(bin: Int, positives: Int, negatives: Int)]) {
    var next = 0
    for item in occupied {
      guard (next..<Self.bins).contains(item.bin), (0..<1 << 40).contains(item.positives),
        (0..<1 << 40).contains(item.negatives)
      else { return nil }
      next = item.bin + 1
    }
    self.occupied = occupied
  }

  /// What a threshold makes of the voxels: those with a probability of at least it are called
  /// positive. Exact where the threshold is a multiple of 1 / 2^10.
  func counts(at threshold: Double) -> ConfusionCounts {
    var counts = ConfusionCounts()
    let first = threshold * Double(Self.bins)
    for item in occupied {
      if Double(item.bin) >= first {
        counts.truePositives += item.positives
        counts.falsePositives += item.negatives
      } else {
        counts.falseNegatives += item.positives
        counts.trueNegatives += item.negatives
      }
    }
    return counts
  }

  /// The bins as triples of a histogram, each at its lower edge.
  private var sparse: [Int64] {
    occupied.flatMap { item in
      [Int64(item.bin * Self.ratio), Int64(item.positives), Int64(item.negatives)]
    }
  }

  /// The scores of several subjects together, each in the lowest bin of its own.
  ///
  /// - Throws: `CurveError` for more scores than a histogram holds.
  static func pooled(_ scores: [CoarseScores]) throws -> ScoreHistogram {
    var pooled = ScoreHistogram()
    for one in scores { pooled.merge(try ScoreHistogram(sparse: one.sparse)) }
    return pooled
  }

  /// Whether the bins are the same.
  static func == (one: CoarseScores, other: CoarseScores) -> Bool { one.sparse == other.sparse }
}
