/// How well one subject's structure is found slice by slice: Dice against normalized position, the
/// field-of-view curve of Desai et al. (2019).
///
/// The slices run from the first to the last that holds the structure in the reference: position 0
/// and position 1. What was predicted beyond them does not enter. A slice between them without the
/// structure in either segmentation has no Dice and is interpolated over; predicted there alone, it
/// has Dice 0. A structure of one slice has that slice's Dice at every position.
public struct SliceProfile: Sendable, Equatable {
  /// The axis along which slices are cut: 0 (D), 1 (H) or 2 (W).
  public let axis: Int
  /// The indices of the slices, from the first to the last that holds the structure; empty where
  /// the reference lacks it.
  public let slices: Range<Int>
  /// Dice of each slice of ``slices``.
  public let dice: [MetricValue]

  /// Cuts a pair of label volumes into slices.
  ///
  /// - Parameters:
  ///   - prediction: labels of the prediction, `[D, H, W]` row-major, W fastest.
  ///   - reference: labels of the reference, likewise.
  ///   - shape: the extents (D, H, W).
  ///   - axis: the axis along which slices are cut.
  ///   - labels: the labels that make the structure; several make a region.
  /// - Throws: ``CurveError`` for volumes that do not fill the shape and an axis that is none.
  /// - Complexity: O(voxels).
  public init(
    prediction: Span<UInt8>, reference: Span<UInt8>, shape: [Int], axis: Int, labels: Set<UInt8>
  ) throws(CurveError) {
    guard shape.indices.contains(axis) else { throw .noSuchAxis(axis) }
    guard prediction.count == reference.count, Self.count(shape) == reference.count else {
      throw .shapesDiffer(
        prediction: prediction.count, reference: reference.count, shape: shape)
    }
    self.axis = axis
    guard !reference.isEmpty else {
      // Of extents whose product is zero, the others may be of any size.
      slices = 0..<0
      dice = []
      return
    }
    let member = (0..<256).map { labels.contains(UInt8($0)) }
    let isInside = member.span
    let extent = shape[axis]
    // Voxels that follow each other within one slice.
    let run = shape[(axis + 1)...].reduce(1, *)
    var (common, predicted, expected) = (
      [Int](repeating: 0, count: extent), [Int](repeating: 0, count: extent),
      [Int](repeating: 0, count: extent)
    )
    var (slice, left) = (0, run)
    for index in reference.indices {
      let isPredicted = isInside[Int(prediction[index])]
      let isExpected = isInside[Int(reference[index])]
      if isPredicted { predicted[slice] += 1 }
      if isExpected {
        expected[slice] += 1
        if isPredicted { common[slice] += 1 }
      }
      left -= 1
      if left == 0 {
        left = run
        slice = slice + 1 == extent ? 0 : slice + 1
      }
    }
    guard let first = expected.firstIndex(where: { $0 > 0 }),
      let last = expected.lastIndex(where: { $0 > 0 })
    else {
      slices = 0..<0
      dice = []
      return
    }
    slices = first..<(last + 1)
    dice = slices.map {
      .ratio(2 * common[$0], predicted[$0] + expected[$0], otherwise: .bothEmpty)
    }
  }

  /// The product of the extents; `nil` where it overflows or an extent is negative.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, extent >= 0 else { return nil }
      count = product
    }
    return count
  }

  /// Dice at equidistant positions from the first slice to the last, by linear interpolation.
  ///
  /// - Parameters:
  ///   - count: how many positions, at least 2.
  ///   - reversed: whether position 0 is the last slice; so all subjects can begin at their medial
  ///     end.
  /// - Returns: one Dice a position; `nil` where the reference lacks the structure.
  /// - Complexity: O(count + slices).
  public func curve(count: Int = 1001, reversed: Bool = false) -> [Double]? {
    let values = reversed ? Array(dice.reversed()) : dice
    let known = values.enumerated().compactMap { place, value in
      value.number.map { (position: Double(place), dice: $0) }
    }
    guard let first = known.first else { return nil }
    var next = 0
    return MeanCurve.abscissae(count).map { abscissa in
      let position = abscissa * Double(values.count - 1)
      while next < known.count, known[next].position <= position { next += 1 }
      guard next > 0 else { return first.dice }
      let left = known[next - 1]
      guard next < known.count else { return left.dice }
      let right = known[next]
      return left.dice
        + (right.dice - left.dice) * (position - left.position) / (right.position - left.position)
    }
  }
}

/// The mean field-of-view curve of several subjects.
public struct FieldOfViewCurve: Sendable, Equatable {
  /// Dice against position in 0...1: mean and standard deviation over subjects; `nil` where no
  /// subject has the structure.
  public let mean: MeanCurve?
  /// Subjects whose reference lacks the structure: they are in no mean.
  public let leftOut: [String]

  /// Averages the profiles of subjects.
  ///
  /// - Parameters:
  ///   - profiles: one a subject, with its name and whether position 0 is its last slice.
  ///   - count: how many positions, at least 2.
  public init(
    _ profiles: [(subject: String, profile: SliceProfile, isReversed: Bool)], count: Int = 1001
  ) {
    let curves = profiles.map { $0.profile.curve(count: count, reversed: $0.isReversed) }
    mean = MeanCurve(
      abscissae: MeanCurve.abscissae(count), curves: curves.compactMap(\.self))
    leftOut = zip(profiles, curves).compactMap { $1 == nil ? $0.subject : nil }
  }
}
