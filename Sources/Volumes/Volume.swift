/// An image: one or several channels of intensities on one grid.
public struct Volume: Sendable, Equatable {
  /// The intensities, `[C, D, H, W]` row-major, W fastest.
  public var voxels: [Float]
  /// The number of channels C.
  public let channels: Int
  /// The grid of every channel: extents (D, H, W) and the way into space.
  public let geometry: Geometry
  /// The header of the file that the volume came from, kept so that results on the same grid carry
  /// the same geometry bit for bit.
  public var source: SourceHeader?

  /// A volume of `voxels` (`[C, D, H, W]`) on `geometry`.
  public init(
    voxels: [Float], channels: Int = 1, geometry: Geometry, source: SourceHeader? = nil
  ) {
    precondition(voxels.count == channels * geometry.count, "the voxels do not fill the grid")
    self.voxels = voxels
    self.channels = channels
    self.geometry = geometry
    self.source = source
  }

  /// (C, D, H, W).
  public var shape: [Int] { [channels] + geometry.shape }

  /// The same voxels with array axes that run as `orientation` says; exact.
  public func oriented(to orientation: Orientation = .ras) -> Volume {
    let change = Reorientation(from: geometry.orientation, to: orientation)
    return Volume(
      voxels: change(voxels, shape: geometry.shape, channels: channels), channels: channels,
      geometry: change(geometry), source: source)
  }
}

/// A segmentation: one label a voxel, 0 being the background.
public struct LabelVolume: Sendable, Equatable {
  /// The labels, `[D, H, W]` row-major, W fastest.
  public var voxels: [UInt8]
  /// The grid: extents (D, H, W) and the way into space.
  public let geometry: Geometry
  /// The header of the file that the labels came from, or of the image they belong to.
  public var source: SourceHeader?

  /// Labels `voxels` (`[D, H, W]`) on `geometry`.
  public init(voxels: [UInt8], geometry: Geometry, source: SourceHeader? = nil) {
    precondition(voxels.count == geometry.count, "the voxels do not fill the grid")
    self.voxels = voxels
    self.geometry = geometry
    self.source = source
  }

  /// (D, H, W).
  public var shape: [Int] { geometry.shape }

  /// The labels that occur, ascending.
  public var labels: [UInt8] {
    var seen = [Bool](repeating: false, count: 256)
    for label in voxels { seen[Int(label)] = true }
    return (0...255).filter { seen[$0] }.map { UInt8($0) }
  }

  /// The same voxels with array axes that run as `orientation` says; exact.
  public func oriented(to orientation: Orientation = .ras) -> LabelVolume {
    let change = Reorientation(from: geometry.orientation, to: orientation)
    return LabelVolume(
      voxels: change(voxels, shape: geometry.shape), geometry: change(geometry), source: source)
  }
}

/// The header of a file, as it stood there: opaque to all but the format that wrote it.
public struct SourceHeader: Sendable, Equatable, Hashable, Codable {
  /// The name of the format, as in ``VolumeFiles/catalogue``.
  public let format: String
  /// The header's bytes.
  public let bytes: [UInt8]

  /// A header of `format`.
  public init(format: String, bytes: [UInt8]) {
    self.format = format
    self.bytes = bytes
  }
}
