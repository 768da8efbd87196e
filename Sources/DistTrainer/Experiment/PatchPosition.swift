/// Where in its volume a patch lies, as networks with a second input are told.
enum PatchPosition {
  /// 2 (o / (V - S) - 1/2) along each axis (the Imperial College knee segmentation project's
  /// relative networks): -1 at the start, 0 at the center, 1 at the end.
  ///
  /// 0 where the patch is as long as the volume or longer. Tiles that reach beyond the volume count
  /// as the outermost within it.
  ///
  /// - Parameters:
  ///   - origin: the place of the patch's first voxel, o.
  ///   - patch: the patch's extents, S.
  ///   - volume: the volume's extents, V.
  /// - Returns: a number in -1 … 1 for each axis.
  static func values(origin: [Int], patch: [Int], volume: [Int]) -> [Float] {
    origin.indices.map { axis in
      let room = volume[axis] - patch[axis]
      guard room > 0 else { return 0 }
      let place = min(max(origin[axis], 0), room)
      return Float(2 * (Double(place) / Double(room) - 0.5))
    }
  }
}
