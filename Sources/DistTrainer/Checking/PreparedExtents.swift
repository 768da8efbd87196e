internal import Volumes

extension Preparation {
  /// The extents that a volume is prepared to, its crops left aside.
  ///
  /// - Parameters:
  ///   - shape: voxels along right, anterior, superior.
  ///   - spacing: their size in mm.
  /// - Returns: voxels along the prepared axes; nil for a setting that makes no sense.
  func extents(of shape: [Int], spacing: [Double]) -> [Int]? {
    guard let orientation = try? Orientation(code: orientation) else { return nil }
    let axes = orientation.axes
    let turned = Geometry(shape: axes.map { shape[$0] }, spacing: axes.map { spacing[$0] })
    // The median over the data set is as good as each volume's own here.
    guard case .fixed(let sizes) = self.spacing, sizes.count == 3 else { return turned.shape }
    return turned.shape(atSpacing: zip(sizes, turned.spacing).map { $0 ?? $1 })
  }
}
