/// Fills the holes of masks.
public enum HoleFilling {
  /// The mask with every hole filled: background from which no path of touching background voxels
  /// leads to the grid's border, as `scipy.ndimage.binary_fill_holes`.
  ///
  /// - Parameters:
  ///   - mask: true inside, D, H, W order.
  ///   - shape: voxels along (D, H, W).
  ///   - background: which background voxels touch. Faces, the usual choice, goes with a
  ///     foreground whose voxels touch at corners.
  /// - Returns: the filled mask, same order.
  /// - Throws: ``ComponentsError``, as ``ConnectedComponents``.
  /// - Complexity: O(voxels).
  public static func fill(
    _ mask: [Bool], shape: [Int], background: Neighborhood = .faces
  ) throws(ComponentsError) -> [Bool] {
    let outside = try ConnectedComponents(
      mask.map { !$0 }, shape: shape, neighborhood: background)
    var open = [Bool](repeating: false, count: outside.count + 1)
    var index = 0
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          if z == 0 || y == 0 || x == 0 || z == shape[0] - 1 || y == shape[1] - 1
            || x == shape[2] - 1
          {
            open[Int(outside.labels[index])] = true
          }
          index += 1
        }
      }
    }
    return outside.labels.map { $0 == 0 || !open[Int($0)] }
  }
}
