/// A box of voxels: for each array axis the first and the number of voxels.
public struct Box: Equatable, Sendable, Codable {
  /// The first voxel; negative, where the box starts outside the grid.
  public let origin: [Int]
  /// The extents (D, H, W).
  public let shape: [Int]

  /// A box at `origin` of `shape`.
  public init(origin: [Int], shape: [Int]) {
    precondition(origin.count == 3 && shape.count == 3, "a box has three axes")
    precondition(shape.allSatisfy { $0 >= 1 }, "a box has positive extents")
    self.origin = origin
    self.shape = shape
  }

  /// All of a grid of `shape`.
  public init(whole shape: [Int]) { self.init(origin: [0, 0, 0], shape: shape) }

  /// The box of `shape` around the middle of a grid of `extents`; the odd voxel goes to the end.
  public init(centered shape: [Int], in extents: [Int]) {
    self.init(origin: zip(extents, shape).map { ($0 - $1) >> 1 }, shape: shape)
  }

  /// The box that, taken from this one's content, is a grid of `extents` that this was cut from.
  public func undoing(in extents: [Int]) -> Box {
    Box(origin: origin.map { -$0 }, shape: extents)
  }

  /// Copies the box from `[channels, extents]`; voxels outside the grid are `filler`.
  func cut<Voxel>(_ voxels: [Voxel], channels: Int, from extents: [Int], filler: Voxel) -> [Voxel] {
    var result = [Voxel](repeating: filler, count: channels * shape.reduce(1, *))
    var output = result.mutableSpan
    let input = voxels.span
    let from = (0..<3).map { max(0, -origin[$0]) }
    let to = (0..<3).map { min(shape[$0], extents[$0] - origin[$0]) }
    guard (0..<3).allSatisfy({ from[$0] < to[$0] }) else { return result }
    for channel in 0..<channels {
      for d in from[0]..<to[0] {
        for h in from[1]..<to[1] {
          let source =
            ((channel * extents[0] + d + origin[0]) * extents[1] + h + origin[1]) * extents[2]
            + origin[2]
          let target = ((channel * shape[0] + d) * shape[1] + h) * shape[2]
          for w in from[2]..<to[2] { output[target + w] = input[source + w] }
        }
      }
    }
    return result
  }
}

extension Geometry {
  /// The grid of the voxels in `box`; each stays where it is in space.
  public func cropped(to box: Box) -> Geometry {
    let first = SIMD3(Double(box.origin[0]), Double(box.origin[1]), Double(box.origin[2]))
    return Geometry(shape: box.shape, affine: affine.shifted(to: first))
  }
}

extension Volume {
  /// The voxels in `box`, which may reach beyond the grid: there, voxels are `filler`. Crops, pads.
  public func cropped(to box: Box, filler: Float = 0) -> Volume {
    Volume(
      voxels: box.cut(voxels, channels: channels, from: geometry.shape, filler: filler),
      channels: channels, geometry: geometry.cropped(to: box), source: source)
  }

  /// The smallest box that holds every voxel that is not 0 in some channel; the whole grid where
  /// all are 0.
  public var nonZeroBox: Box {
    var low = geometry.shape
    var high = [-1, -1, -1]
    let span = voxels.span
    let (extentH, extentW) = (geometry.shape[1], geometry.shape[2])
    for row in 0..<(channels * geometry.shape[0] * extentH) {
      var (first, last) = (-1, -1)
      for w in 0..<extentW where span[row * extentW + w] != 0 {
        if first < 0 { first = w }
        last = w
      }
      guard first >= 0 else { continue }
      let place = [row / extentH % geometry.shape[0], row % extentH]
      low = [min(low[0], place[0]), min(low[1], place[1]), min(low[2], first)]
      high = [max(high[0], place[0]), max(high[1], place[1]), max(high[2], last)]
    }
    guard high[0] >= 0 else { return Box(whole: geometry.shape) }
    return Box(origin: low, shape: zip(low, high).map { $1 - $0 + 1 })
  }
}

extension LabelVolume {
  /// The voxels in `box`, which may reach beyond the grid: there, voxels are background.
  public func cropped(to box: Box) -> LabelVolume {
    LabelVolume(
      voxels: box.cut(voxels, channels: 1, from: geometry.shape, filler: 0),
      geometry: geometry.cropped(to: box), source: source)
  }
}
