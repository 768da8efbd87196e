@testable import Evaluation

/// A prediction and a reference that tests measure, label 1 inside.
struct MaskPair: Sendable {
  var grid: EvaluationGrid
  var prediction: [UInt8]
  var reference: [UInt8]

  init(
    _ shape: [Int], _ spacing: [Double] = [1, 1, 1], prediction: [UInt8], reference: [UInt8]
  ) throws {
    grid = try EvaluationGrid(shape: shape, spacing: spacing)
    self.prediction = prediction
    self.reference = reference
  }

  /// Masks of single voxels, or of boxes, from what is inside.
  init(
    _ shape: [Int], _ spacing: [Double] = [1, 1, 1], inside: (Int, Int, Int) -> Bool,
    _ insideReference: (Int, Int, Int) -> Bool
  ) throws {
    try self.init(
      shape, spacing, prediction: Self.mask(shape, inside),
      reference: Self.mask(shape, insideReference))
  }

  static func mask(_ shape: [Int], _ inside: (Int, Int, Int) -> Bool) -> [UInt8] {
    var voxels: [UInt8] = []
    voxels.reserveCapacity(shape[0] * shape[1] * shape[2])
    for z in 0..<shape[0] {
      for y in 0..<shape[1] { for x in 0..<shape[2] { voxels.append(inside(z, y, x) ? 1 : 0) } }
    }
    return voxels
  }

  /// The voxels within `radius` mm of `center` (mm).
  static func ball(
    _ shape: [Int], _ spacing: [Double], radius: Double, center: [Double]
  ) -> [UInt8] {
    let squares = (0..<3).map { axis in
      (0..<shape[axis]).map { index in
        let distance = Double(index) * spacing[axis] - center[axis]
        return distance * distance
      }
    }
    return mask(shape) { z, y, x in
      squares[0][z] + squares[1][y] + squares[2][x] <= radius * radius
    }
  }

  func distances(
    _ family: SurfaceFamily = .voxel, threads: Int = 1
  ) throws -> SurfaceDistances? {
    try SurfaceDistances(
      of: MeasuredStructure(label: 1, name: "one"), prediction: prediction, reference: reference,
      grid: grid, family: family, threads: threads)
  }

  func measures(
    _ family: SurfaceFamily = .voxel, tolerances: [Double] = [1]
  ) throws -> [Double] {
    let settings = try SurfaceSettings(family: family, tolerances: tolerances)
    let entries = try StructureMeasurement(
      [MeasuredStructure(label: 1, name: "one")], surface: settings)(
        prediction: prediction, reference: reference, grid: grid)
    return entries[0].surfaces?.values ?? []
  }
}
