internal import Nets

/// What a validation finds of a subject beside overlaps.
struct SubjectQuantities: Equatable {
  /// Voxels on the grid of the file that have the right label.
  var correct = 0
  /// Voxels on the grid of the file.
  var voxels = 0
  /// The loss on the prepared grid; 0 where it is not measured.
  var loss = 0.0

  /// Nothing found.
  init() {}

  /// How many numbers travel.
  static let width = 3

  /// What travels: other ranks add zeros to it, which keeps the bits of the loss.
  var numbers: [Int64] { [Int64(correct), Int64(voxels), Int64(bitPattern: loss.bitPattern)] }

  /// Reads ``numbers``.
  init(_ numbers: some Collection<Int64>) {
    let list = Array(numbers)
    (correct, voxels) = (Int(list[0]), Int(list[1]))
    loss = Double(bitPattern: UInt64(bitPattern: list[2]))
  }

  /// The quantities wanted: the part of all voxels that is right, the mean of the subjects' losses.
  static func means(
    of subjects: [SubjectQuantities], wanted: Set<TrainingQuantity>
  ) -> [TrainingQuantity: Double] {
    var result: [TrainingQuantity: Double] = [:]
    let voxels = subjects.reduce(0) { $0 + $1.voxels }
    if wanted.contains(.voxelAccuracy), voxels > 0 {
      result[.voxelAccuracy] = Double(subjects.reduce(0) { $0 + $1.correct }) / Double(voxels)
    }
    if wanted.contains(.validationLoss), !subjects.isEmpty {
      result[.validationLoss] =
        subjects.reduce(0) { $0 + $1.loss } / Double(subjects.count)
    }
    return result
  }
}
