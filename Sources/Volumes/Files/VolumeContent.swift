/// What is to be written: values on a grid.
public struct VolumeContent: Sendable {
  /// The numbers, `[C, D, H, W]`.
  public enum Values: Sendable {
    /// Of an image.
    case image([Float])
    /// Of a segmentation.
    case labels([UInt8])
    /// Of an image, with all digits that its file has.
    case numbers([Double])
  }

  /// The numbers, `[C, D, H, W]`.
  public let values: Values
  /// The number of channels C.
  public let channels: Int
  /// The grid.
  public let geometry: Geometry
  /// A header whose geometry to keep where it describes the same grid.
  public let source: SourceHeader?

  /// The numbers as `element`, in `order`.
  ///
  /// - Throws: ``VolumeError`` of kind `voxels` for a value outside the element's range.
  func encode(
    as element: ElementType, bigEndian: Bool = false, order: VoxelOrder = .planar, path: String
  ) throws -> [UInt8] {
    func open<Stored: StoredNumber>(_ type: Stored.Type) throws -> [UInt8] {
      switch values {
      case .image(let voxels):
        try encode(voxels, as: type, bigEndian, order, path) { Double($0) }
      case .numbers(let voxels):
        try encode(voxels, as: type, bigEndian, order, path) { $0 }
      case .labels(let voxels):
        try encode(voxels, as: type, bigEndian, order, path) { Double($0) }
      }
    }
    return try open(element.number)
  }

  /// The transposition from last-axis-fastest runs in blocks of the last axis, so that both sides stay
  /// in the cache.
  private func encode<Voxel, Stored: StoredNumber>(
    _ voxels: [Voxel], as type: Stored.Type, _ bigEndian: Bool, _ order: VoxelOrder,
    _ path: String, _ convert: (Voxel) -> Double
  ) throws -> [UInt8] {
    let (ni, nj, nk) = (geometry.shape[0], geometry.shape[1], geometry.shape[2])
    let strides = order.strides(channels, geometry.shape)
    let size = MemoryLayout<Stored>.size
    var bytes = [UInt8](repeating: 0, count: voxels.count * size)
    var output = bytes.mutableSpan
    let input = voxels.span
    let block = 16
    for channel in 0..<channels {
      for j in 0..<nj {
        for first in stride(from: 0, to: nk, by: block) {
          for i in 0..<ni {
            let row = ((channel * ni + i) * nj + j) * nk
            var to =
              (channel * strides.channel + i * strides.i + j * strides.j + first * strides.k) * size
            for k in first..<min(first + block, nk) {
              let value = convert(input[row + k])
              guard let stored = Stored.nearest(to: value) else {
                throw VolumeError(
                  .voxels, path,
                  "\(value) cannot be stored as \(Stored.self); write float32 instead")
              }
              stored.store(to: &output, at: to, bigEndian: bigEndian)
              to += strides.k * size
            }
          }
        }
      }
    }
    return bytes
  }
}
