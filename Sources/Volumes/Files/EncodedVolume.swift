/// How voxels follow one another in a file.
public enum VoxelOrder: Sendable {
  /// The first spatial axis is the fastest, channels are the slowest: NIfTI.
  case planar
  /// Channels are the fastest, then the first spatial axis: colors, vectors.
  case interleaved
  /// The last spatial axis is the fastest, channels are the slowest: arrays of C.
  case rowMajor

  /// How far one step along the channels and the three spatial axes goes, in voxels.
  func strides(_ channels: Int, _ shape: [Int]) -> (channel: Int, i: Int, j: Int, k: Int) {
    let (ni, nj, nk) = (shape[0], shape[1], shape[2])
    return switch self {
    case .planar: (ni * nj * nk, 1, ni, ni * nj)
    case .interleaved: (1, channels, channels * ni, channels * ni * nj)
    case .rowMajor: (ni * nj * nk, nj * nk, nk, 1)
    }
  }
}

/// A volume as a file stores it: bytes and how to read them. Every format ends here on reading, so that
/// decoding is written once.
public struct EncodedVolume: Sendable {
  /// The file, for messages.
  public var path: String
  /// The grid, in the file's own axis order.
  public var geometry: Geometry
  /// The number of channels.
  public var channels: Int
  /// How one voxel is stored.
  public var element: ElementType
  /// Whether the most significant byte comes first.
  public var bigEndian: Bool
  /// Stored numbers times `slope` plus `intercept` are the values.
  public var slope: Double
  /// See ``slope``.
  public var intercept: Double
  /// `channels * geometry.count` voxels; empty where only the header was read.
  public var bytes: [UInt8]
  /// How the voxels follow one another.
  public var order = VoxelOrder.planar
  /// The file's header.
  public var source: SourceHeader
  /// What had to be assumed because the file does not say it, such as a spacing of 1 mm.
  public var notes: [VolumeNote] = []

  /// More voxels than this are refused: indices of foreground voxels are kept in 32 bits.
  static let maximumCount = Int(UInt32.max)

  /// The number of voxels by which a grid that is longer along one axis is larger, at least.
  static func face(of extents: [Int]) -> Int {
    extents.reduce(1, *) / (extents.max() ?? 1)
  }

  /// See ``face(of:)``.
  var face: Int { Self.face(of: geometry.shape + [channels]) }

  /// The product of `extents`, each at least 1; nil where it exceeds ``maximumCount``.
  static func count(_ extents: [Int]) -> Int? {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 1, !overflow, product <= maximumCount else { return nil }
      count = product
    }
    return count
  }

  /// The values of all voxels, `[C, D, H, W]`, each turned by `convert`, which receives the value
  /// and the voxel's place in the result.
  ///
  /// Integers up to 2^53 and both floating types arrive exactly.
  func decode<Voxel>(_ convert: (Double, Int) throws -> Voxel, filler: Voxel) throws -> [Voxel] {
    switch element {
    case .uint8: try decode(UInt8.self, convert, filler)
    case .uint16: try decode(UInt16.self, convert, filler)
    case .uint32: try decode(UInt32.self, convert, filler)
    case .uint64: try decode(UInt64.self, convert, filler)
    case .int8: try decode(Int8.self, convert, filler)
    case .int16: try decode(Int16.self, convert, filler)
    case .int32: try decode(Int32.self, convert, filler)
    case .int64: try decode(Int64.self, convert, filler)
    case .float32: try decode(Float.self, convert, filler)
    case .float64: try decode(Double.self, convert, filler)
    }
  }

  /// The transposition to last-axis-fastest runs in blocks of the last axis, so that both sides stay in the cache.
  private func decode<Stored: StoredNumber, Voxel>(
    _ type: Stored.Type, _ convert: (Double, Int) throws -> Voxel, _ filler: Voxel
  ) throws -> [Voxel] {
    let (ni, nj, nk) = (geometry.shape[0], geometry.shape[1], geometry.shape[2])
    let size = MemoryLayout<Stored>.size
    precondition(bytes.count == channels * geometry.count * size, "the bytes do not fill the grid")
    let strides = order.strides(channels, geometry.shape)
    var result = [Voxel](repeating: filler, count: channels * geometry.count)
    var output = result.mutableSpan
    let input = bytes.span
    let block = 16
    for channel in 0..<channels {
      for j in 0..<nj {
        for first in stride(from: 0, to: nk, by: block) {
          for i in 0..<ni {
            let row = ((channel * ni + i) * nj + j) * nk
            var from =
              (channel * strides.channel + i * strides.i + j * strides.j + first * strides.k) * size
            for k in first..<min(first + block, nk) {
              let stored = Stored.load(input, at: from, bigEndian: bigEndian).double
              output[row + k] = try convert(stored * slope + intercept, row + k)
              from += strides.k * size
            }
          }
        }
      }
    }
    return result
  }
}

extension EncodedVolume {
  /// The values as an image.
  ///
  /// - Throws: ``VolumeError`` of kind `voxels`, with their number and the place of the first, where
  ///   `finite` and there are NaN or infinite voxels.
  func image(finite: Bool) throws -> Volume {
    let voxels = try decode({ value, _ in Float(value) }, filler: 0)
    let volume = Volume(voxels: voxels, channels: channels, geometry: geometry, source: source)
    if finite { try volume.requireFinite(named: path) }
    return volume
  }

  /// The values as labels, through `map` where one is given (value in the file to label).
  ///
  /// - Throws: ``VolumeError`` of kind `voxels` for a value that is no integer, that `map` lacks or,
  ///   without a map, that lies outside 0...255; of kind `geometry` for several channels.
  func labels(map: [Int: UInt8]?) throws -> LabelVolume {
    guard channels == 1 else {
      throw VolumeError(
        .geometry, path, "holds \(channels) channels, a label has one; write one label a voxel")
    }
    var last = 0.0
    var lastLabel = try label(for: 0, at: nil, map: map) ?? 0
    var lastIsKnown = map == nil
    let voxels: [UInt8] = try decode(
      { value, place in
        if value == last && lastIsKnown { return lastLabel }
        guard let found = try label(for: value, at: place, map: map) else { return 0 }
        last = value
        lastLabel = found
        lastIsKnown = true
        return found
      }, filler: 0)
    return LabelVolume(voxels: voxels, geometry: geometry, source: source)
  }

  /// The label of `value`; at no place, nil instead of an error.
  private func label(for value: Double, at place: Int?, map: [Int: UInt8]?) throws -> UInt8? {
    let integer = Int(exactly: value)
    if let integer, let label = map.map({ $0[integer] }) ?? UInt8(exactly: integer) {
      return label
    }
    guard let place else { return nil }
    let voxel = geometry.index(of: place).map(String.init).joined(separator: ", ")
    let shown = integer.map(String.init) ?? "\(value)"
    let reason =
      if integer == nil {
        "is not an integer; labels are integers, so this looks like an image or a resampled label"
      } else if let map {
        "is none of the declared labels (\(Self.listed(map))); declare it, or correct the voxel"
      } else {
        "lies outside 0...255; give a label map"
      }
    throw VolumeError(.voxels, path, "voxel (\(voxel)) holds \(shown), which \(reason)")
  }

  private static func listed(_ map: [Int: UInt8]) -> String {
    map.keys.sorted().map(String.init).joined(separator: ", ")
  }
}

extension Volume {
  /// Refuses NaN and infinite voxels.
  ///
  /// - Throws: ``VolumeError`` of kind `voxels` about `name`, with their number and the first place.
  public func requireFinite(named name: String) throws {
    var count = 0
    var first = 0
    let span = voxels.span
    for index in span.indices where !span[index].isFinite {
      if count == 0 { first = index }
      count += 1
    }
    guard count > 0 else { return }
    let place = geometry.index(of: first % geometry.count).map(String.init).joined(separator: ", ")
    let channel = channels > 1 ? " of channel \(first / geometry.count)" : ""
    throw VolumeError(
      .voxels, name,
      "\(count) voxel\(count == 1 ? "" : "s") NaN or infinite, the first at (\(place))\(channel); "
        + "replace them by a number, or leave this subject out")
  }
}

extension Geometry {
  /// The index (D, H, W) of the voxel at `place` of the row-major array.
  public func index(of place: Int) -> [Int] {
    [place / (shape[1] * shape[2]), place / shape[2] % shape[1], place % shape[2]]
  }
}
