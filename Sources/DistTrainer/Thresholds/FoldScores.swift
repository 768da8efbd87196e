internal import Evaluation

/// What the final network of a fold says of its validation subjects, counted by probability: all
/// that curves and thresholds need.
///
/// Counts are whole numbers, taken subject by subject, so that the ranks change nothing.
struct FoldScores: Sendable, Equatable {
  /// One label of one subject.
  struct Entry: Sendable, Equatable {
    var subject: String
    var label: DatasetLabel
    var positives: Int
    var negatives: Int
    /// The area under the ROC curve and average precision, from 2^16 bins; nil where the subject
    /// lacks the label, or has nothing else.
    var areaUnderROC: Double?
    var averagePrecision: Double?
    var scores: CoarseScores
  }

  let fold: Int
  /// The foreground labels, by class.
  let labels: [DatasetLabel]
  /// All subjects' scores together, by label.
  private(set) var pooled: [ScoreHistogram]
  /// By subject, in the order in which they were added, then by label.
  var entries: [Entry] = []

  /// No subject yet.
  init(fold: Int, labels: [DatasetLabel]) {
    self.fold = fold
    self.labels = labels
    pooled = labels.map { _ in ScoreHistogram() }
  }

  /// Scores put together from files.
  init(fold: Int, labels: [DatasetLabel], pooled: [ScoreHistogram], entries: [Entry]) {
    self.fold = fold
    self.labels = labels
    self.pooled = pooled
    self.entries = entries
  }

  /// Adds a subject's histograms, one a foreground label.
  mutating func add(_ histograms: [ScoreHistogram], of subject: String) {
    precondition(histograms.count == labels.count, "there is one histogram a foreground label")
    for (index, histogram) in histograms.enumerated() {
      pooled[index].merge(histogram)
      let curve = ScoreCurve(histogram)
      entries.append(
        Entry(
          subject: subject, label: labels[index], positives: curve.positives,
          negatives: curve.negatives, areaUnderROC: curve.areaUnderROC.number,
          averagePrecision: curve.averagePrecision.number, scores: CoarseScores(histogram)))
    }
  }

  /// The entries of one label, by subject.
  func entries(of label: UInt8) -> [Entry] { entries.filter { $0.label.number == label } }
}
