internal import Volumes

/// Cuts what a network sees, and what it should answer, out of prepared volumes.
struct TileReader: Sendable {
  /// The shape of a tile.
  let shape: PatchShape
  private let channels: Int
  private let borders: [VolumeBorder]
  private let normalization: PatchNormalization?

  /// A reader of the experiment's tiles.
  init(_ experiment: Experiment) {
    shape = experiment.patch
    channels = experiment.channels
    borders = experiment.borders
    normalization = experiment.patchNormalization
  }

  /// Room for one tile.
  func makeTile() -> [Float] { Array(repeating: 0, count: channels * shape.count) }

  /// Fills `tile` with what the network sees of an image, in its order, for the output whose first
  /// voxel is `origin`, (D, H, W).
  func read(
    _ image: Volume, at origin: [Int], into tile: inout [Float], scratch: inout [Float]
  ) {
    let extents = image.geometry.shape
    let places = (0..<3).map { axis in
      (0..<shape.extents[axis]).map { offset in
        borders[axis].source(
          of: origin[axis] - shape.margins[axis] + offset, extent: extents[axis]) ?? -1
      }
    }
    let (depths, heights, widths) = (places[0], places[1], places[2])
    let columns = widths.span
    let source = image.voxels.span
    var target = tile.mutableSpan
    var row = 0
    for channel in 0..<channels {
      for z in depths {
        for y in heights {
          if z < 0 || y < 0 {
            for w in columns.indices { target[row + w] = 0 }
          } else {
            let start = ((channel * extents[0] + z) * extents[1] + y) * extents[2]
            for w in columns.indices {
              target[row + w] = columns[w] < 0 ? 0 : source[start + columns[w]]
            }
          }
          row += columns.count
        }
      }
    }
    if let normalization { normalization.apply(to: &target, channels: channels) }
    shape.arrange(&target, channels: channels, scratch: &scratch)
  }

  /// Fills `labels` with the classes of the output whose first voxel is `origin`; the background
  /// beyond the volume.
  func read(
    classes: Span<UInt8>, shape extents: [Int], at origin: [Int], into labels: inout [UInt8]
  ) {
    let size = shape.outputExtents
    var target = labels.mutableSpan
    var index = 0
    for z in origin[0]..<origin[0] + size[0] {
      for y in origin[1]..<origin[1] + size[1] {
        let isInside = z >= 0 && z < extents[0] && y >= 0 && y < extents[1]
        let row = (z * extents[1] + y) * extents[2]
        for x in origin[2]..<origin[2] + size[2] {
          target[index] = isInside && x >= 0 && x < extents[2] ? classes[row + x] : 0
          index += 1
        }
      }
    }
  }
}

extension Experiment {
  /// What lies beyond a volume along (D, H, W): slices that are channels are repeated.
  var borders: [VolumeBorder] {
    var borders = Array(repeating: configuration.training.border, count: 3)
    if let axis = patch.sliceAxis, patch.slices > 1 { borders[axis] = .edge }
    return borders
  }
}

extension PatchShape {
  /// Where the patch lies whose output's first voxel is `origin`, as training tells a network of it:
  /// among the places of a volume with so much beyond its borders.
  func position(
    at origin: [Int], in volume: [Int], margins: (before: [Int], after: [Int])
  ) -> [Float] {
    PatchPosition.values(
      origin: (0..<3).map { origin[$0] - self.margins[$0] + margins.before[$0] },
      patch: extents, volume: (0..<3).map { volume[$0] + margins.before[$0] + margins.after[$0] })
  }
}
