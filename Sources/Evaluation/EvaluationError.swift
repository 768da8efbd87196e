/// What can be wrong with what is to be evaluated.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// Prediction and reference have different numbers of voxels.
  case lengthsDiffer(prediction: Int, reference: Int)
  /// A text that should be comma-separated values is not.
  case malformedCSV(line: Int, reason: String)

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .lengthsDiffer(let prediction, let reference):
      "The prediction has \(prediction) voxels and the reference \(reference): "
        + "predict on the reference's grid before evaluating."
    case .malformedCSV(let line, let reason):
      "Line \(line) is not comma-separated values: \(reason)."
    }
  }
}
