public import CounterRandom

/// Draws where in a volume a patch lies.
///
/// Along an axis where the volume is at least as large as the patch, the patch lies inside; where it
/// is smaller, the patch reaches beyond it on both sides alike, the odd voxel at the end.
public struct PatchSampler: Sendable {
  /// The volume's extents (D, H, W).
  public let shape: [Int]
  /// The patch's extents (d, h, w).
  public let size: [Int]

  /// A sampler of patches of `size` in volumes of `shape`.
  public init(shape: [Int], size: [Int]) {
    precondition(shape.count == 3 && size.count == 3, "three axes")
    self.shape = shape
    self.size = size
  }

  /// The patch's first voxel, every place inside being as likely; negative where it is larger.
  public func uniform(_ stream: inout RandomStream) -> [Int] {
    (0..<3).map { axis in
      let room = shape[axis] - size[axis]
      return room > 0 ? stream.integer(below: room + 1) : room >> 1
    }
  }

  /// The patch's first voxel, drawn about the place in the middle: normal along each axis, with a
  /// standard deviation of the part `deviation` of the middle place's distance from the border, whole
  /// voxels rounded down, cut at the border.
  ///
  /// With a quarter this is the `normal` crop of Imperial College's knee segmentation: N(c, ⌊c/4⌋) for
  /// c = ⌊(V−1)/2⌋ − ⌊(S−1)/2⌋, V and S being the extents of volume and patch.
  public func centerNormal(_ stream: inout RandomStream, deviation: Double) -> [Int] {
    (0..<3).map { axis in
      let draw = Double(stream.normal())
      let room = shape[axis] - size[axis]
      guard room > 0 else { return room >> 1 }
      let middle = (shape[axis] - 1) / 2 - (size[axis] - 1) / 2
      let spread = (Double(middle) * deviation).rounded(.down)
      return Int(min(max((Double(middle) + spread * draw).rounded(), 0), Double(room)))
    }
  }

  /// The first voxel of the patch whose middle is nearest to the voxel at `place` of the array.
  public func centered(on place: Int) -> [Int] {
    let center = [place / (shape[1] * shape[2]), place / shape[2] % shape[1], place % shape[2]]
    return (0..<3).map { axis in
      let room = shape[axis] - size[axis]
      return room > 0 ? min(max(center[axis] - size[axis] / 2, 0), room) : room >> 1
    }
  }
}
