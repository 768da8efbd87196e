/// Counts voxels of every label of a pair of label volumes, in one pass over the voxels.
///
/// Mergeable: adding two slabs to one value, or to two values that are then merged, gives the same
/// counts.
public struct LabelCounts: Sendable, Equatable {
  /// Voxels by label in the prediction, in the reference, and where both agree.
  private var predicted = [Int](repeating: 0, count: 256)
  private var reference = [Int](repeating: 0, count: 256)
  private var agreed = [Int](repeating: 0, count: 256)
  /// Voxels compared so far.
  public private(set) var voxels = 0

  /// No voxel counted yet.
  public init() {}

  /// Counts one more pair of label volumes, or of slabs of them.
  ///
  /// - Parameters:
  ///   - prediction: labels of the prediction, any axis order.
  ///   - reference: labels of the reference in the same order.
  /// - Throws: ``EvaluationError`` when the two differ in length.
  /// - Complexity: O(voxels), whatever the number of labels.
  public mutating func add(prediction: Span<UInt8>, reference: Span<UInt8>) throws(EvaluationError)
  {
    guard prediction.count == reference.count else {
      throw .lengthsDiffer(prediction: prediction.count, reference: reference.count)
    }
    // Bins of the pair: prediction, reference and agreement.
    var bins = [Int](repeating: 0, count: 3 * 256)
    var bin = bins.mutableSpan
    // Most voxels are background in both: those are counted by what is left.
    var background = reference.count
    for index in reference.indices where prediction[index] | reference[index] != 0 {
      let (one, other) = (Int(prediction[index]), Int(reference[index]))
      background -= 1
      bin[one] += 1
      bin[256 + other] += 1
      if one == other { bin[512 + one] += 1 }
    }
    for label in 0..<256 {
      let left = label == 0 ? background : 0
      predicted[label] += bin[label] + left
      self.reference[label] += bin[256 + label] + left
      agreed[label] += bin[512 + label] + left
    }
    voxels += reference.count
  }

  /// The labels that occur in the prediction or the reference, ascending, the background left out.
  public var foreground: [UInt8] {
    (1..<256).filter { predicted[$0] + reference[$0] > 0 }.map { UInt8($0) }
  }

  /// Adds the counts of other voxels.
  public mutating func merge(_ other: LabelCounts) {
    for label in 0..<256 {
      predicted[label] += other.predicted[label]
      reference[label] += other.reference[label]
      agreed[label] += other.agreed[label]
    }
    voxels += other.voxels
  }

  /// The counts of one label against all others.
  public subscript(label: UInt8) -> ConfusionCounts {
    let label = Int(label)
    let falsePositives = predicted[label] - agreed[label]
    return ConfusionCounts(
      truePositives: agreed[label], falsePositives: falsePositives,
      falseNegatives: reference[label] - agreed[label],
      trueNegatives: voxels - reference[label] - falsePositives)
  }

  /// Counts the voxels of a region: those that carry any label of a set, as nnU-Net's regions do
  /// ("whole tumor" = 1, 2, 3).
  ///
  /// Needs the volumes: the counts of single labels do not tell a voxel outside the region from one
  /// whose label was merely mixed up with another of the region.
  ///
  /// - Parameters:
  ///   - labels: the labels that make the region.
  ///   - prediction: labels of the prediction.
  ///   - reference: labels of the reference in the same order.
  /// - Returns: the counts of the region against the rest.
  /// - Throws: ``EvaluationError`` when the two differ in length.
  public static func region(
    _ labels: Set<UInt8>, prediction: Span<UInt8>, reference: Span<UInt8>
  ) throws(EvaluationError) -> ConfusionCounts {
    guard prediction.count == reference.count else {
      throw .lengthsDiffer(prediction: prediction.count, reference: reference.count)
    }
    var member = [Bool](repeating: false, count: 256)
    for label in labels { member[Int(label)] = true }
    var counts = ConfusionCounts()
    let inside = member.span
    for index in reference.indices {
      switch (inside[Int(prediction[index])], inside[Int(reference[index])]) {
      case (true, true): counts.truePositives += 1
      case (true, false): counts.falsePositives += 1
      case (false, true): counts.falseNegatives += 1
      case (false, false): counts.trueNegatives += 1
      }
    }
    return counts
  }
}
