/// What can be wrong with what is to be evaluated.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// Prediction and reference have different numbers of voxels.
  case lengthsDiffer(prediction: Int, reference: Int)
  /// A grid without three positive extents and spacings, or one that the volumes do not fill.
  case badGrid(shape: [Int], spacing: [Double])
  /// A group without labels or without a name.
  case badGroup(name: String)
  /// A tolerance that is no distance.
  case badTolerance(Double)
  /// A text that should be comma-separated values is not.
  case malformedCSV(line: Int, reason: String)

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .lengthsDiffer(let prediction, let reference):
      "The prediction has \(prediction) voxels and the reference \(reference): "
        + "predict on the reference's grid before evaluating."
    case .badGrid(let shape, let spacing):
      "A grid of shape \(shape) and spacing \(spacing) mm does not fit the volumes: give three positive "
        + "extents whose product is their number of voxels, and three positive spacings."
    case .badGroup(let name):
      "The group \"\(name)\" needs a name and at least one label, as in whole=1,2."
    case .badTolerance(let tolerance):
      "The tolerance \(tolerance) is no distance: give millimeters of at least 0."
    case .malformedCSV(let line, let reason):
      "Line \(line) is not comma-separated values: \(reason)."
    }
  }
}
