internal import Evaluation

/// One histogram a foreground class: how probable the network thought the class where it is, and
/// where it is not.
extension [ScoreHistogram] {
  /// The histograms of one subject, each class against all others.
  ///
  /// - Parameters:
  ///   - scores: the class probabilities.
  ///   - reference: the class of each voxel on the grid of the file.
  ///   - threads: threads to interpolate with.
  /// - Throws: `CurveError` for a score that is no probability.
  init(
    _ scores: SubjectScores, reference: [UInt8], threads: Int
  ) throws {
    self = []
    try scores.forEachForeground(threads: threads) { index, probabilities in
      var histogram = ScoreHistogram()
      try histogram.add(
        probabilities: probabilities, labels: reference.span, positives: [UInt8(index)])
      append(histogram)
    }
  }

  /// The histograms as they travel: of each, the number of bins that are not empty, and those.
  var numbers: [Int64] {
    flatMap { histogram in
      let sparse = histogram.sparse
      return [Int64(sparse.count / 3)] + sparse
    }
  }

  /// Reads ``numbers``.
  ///
  /// - Throws: `CurveError` for numbers that no histograms have.
  init(numbers: [Int64]) throws {
    self = []
    var start = 0
    while start < numbers.count {
      let end = start + 1 + 3 * Int(numbers[start])
      append(try ScoreHistogram(sparse: [Int64](numbers[start + 1..<end])))
      start = end
    }
  }
}
