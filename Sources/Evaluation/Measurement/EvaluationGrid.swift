/// The grid that a prediction shares with its reference.
public struct EvaluationGrid: Sendable, Equatable {
  /// Voxels along (D, H, W), each at least 1.
  public let shape: [Int]
  /// Millimeters between neighboring voxels along (D, H, W), each positive.
  public let spacing: [Double]

  /// A grid.
  ///
  /// - Throws: ``EvaluationError`` unless there are three positive extents, whose product the machine
  ///   can count, and three positive finite spacings.
  public init(shape: [Int], spacing: [Double]) throws(EvaluationError) {
    guard shape.count == 3, spacing.count == 3, shape.allSatisfy({ $0 >= 1 }),
      spacing.allSatisfy({ $0 > 0 && $0.isFinite })
    else { throw .badGrid(shape: shape, spacing: spacing) }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .badGrid(shape: shape, spacing: spacing) }
      count = product
    }
    self.shape = shape
    self.spacing = spacing
  }

  /// The length of the grid's diagonal in mm, from outer corner to outer corner: no distance within
  /// it is larger, so that it is the worst case of a distance that cannot be measured.
  public var diagonal: Double {
    zip(shape, spacing).reduce(0) { sum, axis in
      let length = Double(axis.0) * axis.1
      return sum + length * length
    }.squareRoot()
  }

  /// Throws unless two volumes have as many voxels as the grid.
  func check(prediction: Int, reference: Int) throws(EvaluationError) {
    guard prediction == reference else {
      throw .lengthsDiffer(prediction: prediction, reference: reference)
    }
    guard prediction == shape[0] * shape[1] * shape[2] else {
      throw .badGrid(shape: shape, spacing: spacing)
    }
  }
}
