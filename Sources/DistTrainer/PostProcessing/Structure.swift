internal import Evaluation
internal import Volumes

/// The voxels of some labels as a mask of the smallest box that holds them.
///
/// Components and holes are those of the whole grid: what lies beyond the box is background that
/// touches the grid's border, and cropping keeps the order of voxels.
struct Structure {
  private let origin: [Int]
  private let grid: [Int]
  /// The extents of the box (D, H, W).
  let shape: [Int]
  /// True inside, `[D, H, W]` of the box.
  let mask: [Bool]

  /// The structure that `labels` make of a volume; nil where none of them occurs.
  init?(of labels: Set<UInt8>, in volume: LabelVolume) {
    var member = [Bool](repeating: false, count: 256)
    for label in labels { member[Int(label)] = true }
    let grid = volume.shape
    guard let (low, high) = Self.bounds(of: member, in: volume) else { return nil }
    origin = low
    self.grid = grid
    let shape = zip(low, high).map { $1 - $0 + 1 }
    self.shape = shape
    var mask = [Bool](repeating: false, count: shape.reduce(1, *))
    var inside = mask.mutableSpan
    let isMember = member.span
    let voxels = volume.voxels.span
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        let from = ((low[0] + d) * grid[1] + low[1] + h) * grid[2] + low[2]
        let to = (d * shape[1] + h) * shape[2]
        for w in 0..<shape[2] { inside[to + w] = isMember[Int(voxels[from + w])] }
      }
    }
    self.mask = mask
  }

  /// The first and last voxel along each axis with a label that `member` marks.
  private static func bounds(
    of member: [Bool], in volume: LabelVolume
  ) -> (low: [Int], high: [Int])? {
    let shape = volume.shape
    var low = shape
    var high = [-1, -1, -1]
    let isMember = member.span
    let voxels = volume.voxels.span
    for row in 0..<(shape[0] * shape[1]) {
      var (first, last) = (-1, -1)
      for w in 0..<shape[2] where isMember[Int(voxels[row * shape[2] + w])] {
        if first < 0 { first = w }
        last = w
      }
      guard first >= 0 else { continue }
      let (d, h) = (row / shape[1], row % shape[1])
      low = [min(low[0], d), min(low[1], h), min(low[2], first)]
      high = [max(high[0], d), max(high[1], h), max(high[2], last)]
    }
    return high[0] < 0 ? nil : (low, high)
  }

  /// The mask's components.
  ///
  /// - Throws: `ComponentsError` for more than 2^31 - 1 voxels.
  func components(_ neighborhood: Neighborhood) throws -> ConnectedComponents {
    try ConnectedComponents(mask, shape: shape, neighborhood: neighborhood)
  }

  /// Makes background of the structure's voxels that are not in `kept`, a mask of the box.
  func keep(_ kept: [Bool], in volume: inout LabelVolume) {
    change(&volume, where: { mask, other, _ in mask && !other }, kept, to: 0)
  }

  /// Gives `label` to the background voxels that are in `filled`, a mask of the box.
  func fill(_ filled: [Bool], in volume: inout LabelVolume, with label: UInt8) {
    change(&volume, where: { _, other, voxel in other && voxel == 0 }, filled, to: label)
  }

  private func change(
    _ volume: inout LabelVolume, where isChanged: (Bool, Bool, UInt8) -> Bool, _ other: [Bool],
    to label: UInt8
  ) {
    let inside = mask.span
    let second = other.span
    var voxels = volume.voxels.mutableSpan
    for d in 0..<shape[0] {
      for h in 0..<shape[1] {
        let to = ((origin[0] + d) * grid[1] + origin[1] + h) * grid[2] + origin[2]
        let from = (d * shape[1] + h) * shape[2]
        for w in 0..<shape[2]
        where isChanged(inside[from + w], second[from + w], voxels[to + w]) {
          voxels[to + w] = label
        }
      }
    }
  }
}
