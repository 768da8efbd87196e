internal import Volumes

/// The distances between the surfaces of one structure in a prediction and in its reference, in mm.
///
/// Exact Euclidean distances for any voxel size, measured within the smallest box that holds the
/// structure in both volumes; nothing outside of it can be nearer. No value depends on the number
/// of threads.
public struct SurfaceDistances: Sendable {
  /// What a surface is.
  public let family: SurfaceFamily
  /// From each piece of the prediction's surface to the nearest of the reference's (mm), in the
  /// order of storage.
  public let fromPrediction: [Double]
  /// From each piece of the reference's surface to the nearest of the prediction's (mm).
  public let fromReference: [Double]
  /// The areas (mm²) of the prediction's pieces; empty where all weigh the same.
  public let predictionAreas: [Double]
  /// The areas (mm²) of the reference's pieces.
  public let referenceAreas: [Double]

  /// Measures a structure that is in both volumes; nil where one of them lacks it.
  ///
  /// - Parameters:
  ///   - structure: the labels that make it.
  ///   - prediction: labels of the prediction, D, H, W order.
  ///   - reference: labels of the reference on the same grid.
  ///   - grid: the grid's extents and the distances between its voxels.
  ///   - family: what a surface is.
  ///   - threads: how many to use at most.
  /// - Throws: ``EvaluationError`` where the volumes do not fill the grid.
  /// - Complexity: O(voxels) to find the box, O(voxels of the box) to measure; 8 bytes of memory a
  ///   voxel of the box.
  public init?(
    of structure: MeasuredStructure, prediction: [UInt8], reference: [UInt8], grid: EvaluationGrid,
    family: SurfaceFamily = .voxel, threads: Int = 1
  ) throws(EvaluationError) {
    try grid.check(prediction: prediction.count, reference: reference.count)
    let members = structure.members
    let volumes = [prediction, reference]
    let boxes = volumes.compactMap {
      MaskPlanes.box($0, extents: grid.shape, members: members, threads: threads)
    }
    guard boxes.count == 2 else { return nil }
    let box = boxes[0].union(boxes[1])
    // The lattice of voxel corners has one place more along each axis.
    let rim = family == .surfel ? 1 : 0
    let table = family == .surfel ? SurfelAreas.table(spacing: grid.spacing) : []
    let surfaces = volumes.map { volume in
      let mask = MaskPlanes(
        volume, extents: grid.shape, members: members, box: box, threads: threads)
      return ParallelLoop.map(box.shape[0] + rim, threads: threads) { z in
        switch family {
        case .voxel: BoundaryPlane.voxels(of: mask, plane: z)
        case .surfel: BoundaryPlane.surfels(of: mask, plane: z, areas: table)
        }
      }
    }
    func distances(from: Int, to: Int) -> [Double] {
      let field = DistanceField(
        surfaces[to], height: box.shape[1] + rim, width: box.shape[2] + rim,
        spacing: grid.spacing, threads: threads)
      let planes = surfaces[from]
      return ParallelLoop.map(planes.count, threads: threads) { z in
        field.distances(from: planes[z], at: z)
      }.flatMap(\.self)
    }
    self.family = family
    fromPrediction = distances(from: 0, to: 1)
    fromReference = distances(from: 1, to: 0)
    predictionAreas = surfaces[0].flatMap(\.areas)
    referenceAreas = surfaces[1].flatMap(\.areas)
  }
}

extension Box {
  /// The smallest box that holds both.
  fileprivate func union(_ other: Box) -> Box {
    let low = zip(origin, other.origin).map { min($0, $1) }
    let high = (0..<3).map { max(origin[$0] + shape[$0], other.origin[$0] + other.shape[$0]) }
    return Box(origin: low, shape: zip(low, high).map { $1 - $0 })
  }
}
