/// How a prediction and its reference relate at a voxel, as overlays color it.
public enum Agreement: UInt8, Sendable, CaseIterable {
  /// Background in both.
  case background
  /// The same label in both.
  case truePositive
  /// A label in the prediction only.
  case falsePositive
  /// A label in the reference only.
  case falseNegative
  /// Unlike labels.
  case otherLabel

  /// What two labels of one voxel are to each other.
  public init(prediction: UInt8, reference: UInt8) {
    self =
      switch (prediction, reference) {
      case (0, 0): .background
      case (_, 0): .falsePositive
      case (0, _): .falseNegative
      default: prediction == reference ? .truePositive : .otherLabel
      }
  }

  /// Whether prediction and reference disagree.
  public var isError: Bool { self != .background && self != .truePositive }

  /// The color (red, green, blue, 0...255) and how much it covers of the image, 0...1.
  ///
  /// Green, blue, red as the field has them, in shades that differ in lightness too; agreement
  /// covers little, errors much.
  public var color: (red: Double, green: Double, blue: Double, opacity: Double) {
    switch self {
    case .background: (0, 0, 0, 0)
    case .truePositive: (60, 220, 120, 0.38)
    case .falsePositive: (45, 125, 255, 0.72)
    case .falseNegative: (235, 45, 35, 0.72)
    case .otherLabel: (255, 200, 40, 0.72)
    }
  }

  /// The color as a style sheet has it.
  public var cssColor: String {
    let color = color
    return "rgb(\(Int(color.red)),\(Int(color.green)),\(Int(color.blue)))"
  }
}

/// A plane through a volume, by the axis it is perpendicular to, array axes being RAS.
public enum AnatomicalPlane: Int, Sendable, CaseIterable {
  /// Perpendicular to left-right.
  case sagittal
  /// Perpendicular to front-back.
  case coronal
  /// Perpendicular to up-down.
  case axial

  /// The plane's name.
  public var name: String {
    switch self {
    case .sagittal: "sagittal"
    case .coronal: "coronal"
    case .axial: "axial"
    }
  }

  /// The array axes that run along the rows and down the columns of a picture.
  var axes: (across: Int, down: Int) {
    switch self {
    case .sagittal: (1, 2)
    case .coronal: (0, 2)
    case .axial: (0, 1)
    }
  }
}

/// A picture of red, green and blue bytes.
public struct ColorPicture: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `[height][width][3]`, from the top left.
  public let bytes: [UInt8]
}

/// An image with a prediction and a reference, of which slices are pictured in color.
public struct Overlay: Sendable {
  /// Intensities `[D, H, W]`, axes right, anterior, superior.
  private let image: [Float]
  /// The relation of prediction and reference, `[D, H, W]`.
  private let agreement: [Agreement]
  private let shape: [Int]
  private let spacing: [Double]
  /// The part of the volume that is pictured: the structures and some of what surrounds them.
  let box: [Range<Int>]

  /// Joins an image with two segmentations on its grid.
  ///
  /// - Parameters:
  ///   - image: intensities `[D, H, W]`, axes running to right, anterior and superior.
  ///   - prediction: the labels of the prediction in the same order.
  ///   - reference: the labels of the reference in the same order.
  ///   - shape: (D, H, W).
  ///   - spacing: the distances of neighboring voxels (mm).
  /// - Throws: ``EvaluationError`` where the three differ in length.
  public init(
    image: [Float], prediction: [UInt8], reference: [UInt8], shape: [Int], spacing: [Double]
  ) throws(EvaluationError) {
    precondition(shape.count == 3 && spacing.count == 3, "a volume has three axes")
    for count in [prediction.count, image.count] where count != reference.count {
      throw .lengthsDiffer(prediction: count, reference: reference.count)
    }
    precondition(image.count == shape[0] * shape[1] * shape[2], "the voxels fill the grid")
    self.image = image
    agreement = zip(prediction, reference).map { Agreement(prediction: $0, reference: $1) }
    self.shape = shape
    self.spacing = spacing.map { $0 > 0 && $0.isFinite ? $0 : 1 }
    box = Self.box(agreement, shape: shape, spacing: self.spacing)
  }

  /// The slice that shows most, for each of ``AnatomicalPlane/allCases``: that with the most voxels
  /// in error; where there is no error, the most voxels of the structures; without structures, the
  /// middle. Of equal ones the first.
  ///
  /// - Complexity: O(voxels).
  public func slices() -> [Int] {
    let errors = counts { $0.isError }
    let structures = counts { $0 != .background }
    return (0..<3).map { axis in
      for counts in [errors[axis], structures[axis]] {
        if let most = counts.max(), most > 0 { return counts.firstIndex(of: most) ?? 0 }
      }
      return shape[axis] / 2
    }
  }

  /// The voxels of a kind in each slice, for the three axes.
  private func counts(where isCounted: (Agreement) -> Bool) -> [[Int]] {
    var counts = shape.map { [Int](repeating: 0, count: $0) }
    var index = 0
    let span = agreement.span
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        for w in 0..<shape[2] {
          if isCounted(span[index]) {
            counts[0][d] += 1
            counts[1][h] += 1
            counts[2][w] += 1
          }
          index += 1
        }
      }
    }
    return counts
  }

  /// A slice in color: the image in gray between its 0.5th and 99.5th percentile, and over it what
  /// the segmentations agree and disagree on.
  ///
  /// Pixels are square, whatever the spacing: intensities are interpolated linearly, labels taken
  /// from the nearest voxel. As radiologists look at it: the subject's right lies on the left of
  /// coronal and axial pictures, front on the left of sagittal ones, up or front on top.
  ///
  /// - Parameters:
  ///   - plane: which way to cut.
  ///   - slice: where, an index of the axis that the plane is perpendicular to.
  ///   - longSide: the pixels of the longer side.
  ///   - hasColor: whether the segmentations are shown.
  /// - Returns: a picture of ``box``'s part of the slice.
  public func picture(
    _ plane: AnatomicalPlane, at slice: Int, longSide: Int, hasColor: Bool = true
  ) -> ColorPicture {
    precondition(shape[plane.rawValue] > slice && slice >= 0, "the slice lies in the volume")
    let (across, down) = plane.axes
    let strides = [shape[1] * shape[2], shape[2], 1]
    let extents = [across, down].map { Double(box[$0].count) * spacing[$0] }
    let scale = Double(max(1, longSide)) / max(extents[0], extents[1])
    let width = max(1, Int((extents[0] * scale).rounded()))
    let height = max(1, Int((extents[1] * scale).rounded()))
    let columns = Self.samples(width, of: box[across])
    let rows = Self.samples(height, of: box[down])
    let (low, high) = window()
    let start = slice * strides[plane.rawValue]
    let intensities = image.span
    let relations = agreement.span
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 3)
    for row in rows {
      for column in columns {
        func value(_ h: Int, _ v: Int) -> Double {
          Double(intensities[start + h * strides[across] + v * strides[down]])
        }
        let upper =
          value(column.first, row.first) * (1 - column.share)
          + value(column.second, row.first) * column.share
        let lower =
          value(column.first, row.second) * (1 - column.share)
          + value(column.second, row.second) * column.share
        let intensity = upper * (1 - row.share) + lower * row.share
        // A voxel that is no number is black.
        let gray = intensity.isFinite ? min(max((intensity - low) / (high - low), 0), 1) * 255 : 0
        let relation = relations[
          start + column.nearest * strides[across] + row.nearest * strides[down]]
        let color = relation.color
        let opacity = hasColor ? color.opacity : 0
        for component in [color.red, color.green, color.blue] {
          bytes.append(UInt8((gray * (1 - opacity) + component * opacity).rounded()))
        }
      }
    }
    return ColorPicture(width: width, height: height, bytes: bytes)
  }

  /// Where one pixel looks along an axis.
  private struct Sample {
    /// The voxels whose intensities it mixes, and the share of the second.
    var first: Int
    var second: Int
    var share: Double
    /// The voxel whose label it shows.
    var nearest: Int
  }

  /// The samples of pixels along an axis, which is shown from its end to its beginning.
  private static func samples(_ count: Int, of range: Range<Int>) -> [Sample] {
    (0..<count).map { pixel in
      let place = (1 - (Double(pixel) + 0.5) / Double(count)) * Double(range.count)
      let center = min(max(place - 0.5, 0), Double(range.count - 1))
      let first = min(Int(center), range.count - 1)
      return Sample(
        first: range.lowerBound + first,
        second: range.lowerBound + min(first + 1, range.count - 1), share: center - Double(first),
        nearest: range.lowerBound + min(Int(place), range.count - 1))
    }
  }

  /// The intensities shown black and white.
  private func window() -> (low: Double, high: Double) {
    var values: [Float] = []
    // A large volume is judged by a part of it.
    let step = max(1, image.count / 200_000)
    let span = image.span
    for index in stride(from: 0, to: span.count, by: step) where span[index].isFinite {
      values.append(span[index])
    }
    guard !values.isEmpty else { return (0, 1) }
    values.sort()
    let low = Double(values[Int(0.005 * Double(values.count - 1))])
    let high = Double(values[Int((0.995 * Double(values.count - 1)).rounded(.up))])
    return low < high ? (low, high) : (low, low + 1)
  }

  /// The structures' bounding box and a margin of a quarter of it, at least 10 mm; the whole volume
  /// where there are none.
  private static func box(
    _ agreement: [Agreement], shape: [Int], spacing: [Double]
  ) -> [Range<Int>] {
    var least = shape
    var greatest = [-1, -1, -1]
    var index = 0
    let span = agreement.span
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        for w in 0..<shape[2] {
          if span[index] != .background {
            least = [min(least[0], d), min(least[1], h), min(least[2], w)]
            greatest = [max(greatest[0], d), max(greatest[1], h), max(greatest[2], w)]
          }
          index += 1
        }
      }
    }
    guard greatest[0] >= 0 else { return shape.map { 0..<$0 } }
    return (0..<3).map { axis in
      let extent = greatest[axis] - least[axis] + 1
      let margin = max(Double(extent) / 4, min(10 / spacing[axis], Double(shape[axis])))
      let voxels = Int(margin.rounded(.up))
      return max(0, least[axis] - voxels)..<min(shape[axis], greatest[axis] + voxels + 1)
    }
  }
}
