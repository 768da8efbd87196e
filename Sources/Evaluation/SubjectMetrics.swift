/// The counts of one label of one subject; the metrics follow from them.
public struct LabelMetrics: Sendable, Equatable {
  /// The label's number in the volumes.
  public var label: UInt8
  /// The label's name in the data set.
  public var name: String
  /// Where prediction and reference agree and differ.
  public var counts: ConfusionCounts

  /// A label with its counts.
  public init(label: UInt8, name: String, counts: ConfusionCounts) {
    self.label = label
    self.name = name
    self.counts = counts
  }
}

/// What was measured on one subject, label by label.
public struct SubjectMetrics: Sendable, Equatable {
  /// The subject's name.
  public var subject: String
  /// The fold whose network predicted the subject; `nil` outside cross-validation.
  public var fold: Int?
  /// Where the reference lies, for the report; may be empty.
  public var referenceFile: String
  /// Where the prediction lies, for the report; may be empty.
  public var predictionFile: String
  /// One entry a foreground label, by ascending label.
  public var labels: [LabelMetrics]

  /// Metrics put together from counts.
  public init(
    subject: String, fold: Int? = nil, referenceFile: String = "", predictionFile: String = "",
    labels: [LabelMetrics]
  ) {
    self.subject = subject
    self.fold = fold
    self.referenceFile = referenceFile
    self.predictionFile = predictionFile
    self.labels = labels.sorted { $0.label < $1.label }
  }

  /// Compares a prediction with its reference.
  ///
  /// - Parameters:
  ///   - subject: the subject's name.
  ///   - fold: the fold that predicted it, if any.
  ///   - referenceFile: where the reference lies, for the report.
  ///   - predictionFile: where the prediction lies, for the report.
  ///   - prediction: labels of the prediction on the reference's grid, any axis order.
  ///   - reference: labels of the reference in the same order.
  ///   - labels: the labels to report, number and name; background (0) usually left out.
  /// - Throws: ``EvaluationError`` when the volumes differ in length.
  public init(
    subject: String, fold: Int? = nil, referenceFile: String = "", predictionFile: String = "",
    prediction: Span<UInt8>, reference: Span<UInt8>, labels: [(label: UInt8, name: String)]
  ) throws(EvaluationError) {
    var counts = LabelCounts()
    try counts.add(prediction: prediction, reference: reference)
    self.init(
      subject: subject, fold: fold, referenceFile: referenceFile, predictionFile: predictionFile,
      labels: labels.map {
        LabelMetrics(label: $0.label, name: $0.name, counts: counts[$0.label])
      })
  }
}
