/// What was measured of one structure (a label or a group of labels) of one subject; the metrics
/// follow from it.
public struct LabelMetrics: Sendable, Equatable {
  /// The label or group.
  public var structure: MeasuredStructure
  /// Where prediction and reference agree and differ.
  public var counts: ConfusionCounts
  /// How far apart the surfaces are; nil where that was not measured.
  public var surfaces: SurfaceMeasures?

  /// A structure with its counts.
  public init(
    _ structure: MeasuredStructure, counts: ConfusionCounts, surfaces: SurfaceMeasures? = nil
  ) {
    self.structure = structure
    self.counts = counts
    self.surfaces = surfaces
  }

  /// A label with its counts.
  public init(
    label: UInt8, name: String, counts: ConfusionCounts, surfaces: SurfaceMeasures? = nil
  ) {
    self.init(MeasuredStructure(label: label, name: name), counts: counts, surfaces: surfaces)
  }

  /// The label's number in the volumes; the least of a group's.
  public var label: UInt8 { structure.labels[0] }

  /// The label's name in the data set, or the group's.
  public var name: String { structure.name }
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
  /// One entry a structure: labels by ascending number, then groups in the order given.
  public let structures: [LabelMetrics]

  /// Metrics put together from measured structures, labels and groups in any order.
  public init(
    subject: String, fold: Int? = nil, referenceFile: String = "", predictionFile: String = "",
    labels: [LabelMetrics]
  ) {
    self.subject = subject
    self.fold = fold
    self.referenceFile = referenceFile
    self.predictionFile = predictionFile
    structures =
      labels.filter { !$0.structure.isGroup }.sorted { $0.label < $1.label }
      + labels.filter(\.structure.isGroup)
  }

  /// The entries of single labels.
  public var labels: [LabelMetrics] { structures.filter { !$0.structure.isGroup } }

  /// The entries of groups.
  public var groups: [LabelMetrics] { structures.filter(\.structure.isGroup) }

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
