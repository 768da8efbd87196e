internal import Volumes

extension Preparation {
  /// The extents that a volume is prepared to, its crop left aside.
  ///
  /// - Parameters:
  ///   - shape: voxels along right, anterior, superior.
  ///   - spacing: their size in mm.
  /// - Returns: voxels along the prepared axes; nil for a setting that makes no sense.
  func extents(of shape: [Int], spacing: [Double]) -> [Int]? {
    guard let orientation = try? Orientation(code: orientation) else { return nil }
    let axes = orientation.axes
    let turned = Geometry(shape: axes.map { shape[$0] }, spacing: axes.map { spacing[$0] })
    return self.spacing.map(turned.shape(atSpacing:)) ?? turned.shape
  }
}
