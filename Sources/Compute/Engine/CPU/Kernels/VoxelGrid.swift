internal import CDNNL

/// The voxels of `[N, C, spatial…]` cut into blocks of fixed size: the unit of work of a loop and
/// of its partial sums, whatever the number of threads.
struct VoxelGrid {
  /// Voxels of a block.
  static let blockSize = 4096

  let samples: Int
  let channels: Int
  /// Voxels of one channel of one sample.
  let voxels: Int

  init(_ shape: Shape) {
    samples = shape.batch
    channels = shape.channels
    voxels = shape.spatial.reduce(1, *)
  }

  /// Blocks of one sample.
  var blocksPerSample: Int { (voxels + Self.blockSize - 1) / Self.blockSize }

  /// Blocks of all samples.
  var blocks: Int { samples * blocksPerSample }

  /// The sample and the voxels of a block.
  func block(_ index: Int) -> (sample: Int, voxels: Range<Int>) {
    let (sample, position) = index.quotientAndRemainder(dividingBy: blocksPerSample)
    let start = position * Self.blockSize
    return (sample, start..<min(voxels, start + Self.blockSize))
  }

  /// The index of a voxel of a channel within the dense tensor.
  @inline(__always)
  func index(_ sample: Int, _ channel: Int, _ voxel: Int) -> Int {
    (sample * channels + channel) * voxels + voxel
  }

  /// The index of a voxel within the dense labels.
  @inline(__always)
  func labelIndex(_ sample: Int, _ voxel: Int) -> Int { sample * voxels + voxel }
}

extension Lowering {
  /// A buffer for `count` doubles.
  func makeDoubles(_ count: Int) throws -> Int {
    makeBuffer(.arena, try .dense([count * MemoryLayout<Double>.stride], dnnl_u8))
  }
}
