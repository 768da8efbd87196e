/// `.npy`: one array of NumPy, with no geometry.
///
/// Axes are (D, H, W) as `nibabel`'s `get_fdata().shape`, before them a channel where there are four;
/// fewer are completed at the end. Voxels are 1 mm long and axes run to the right, to anterior, to superior,
/// for the file says nothing of it. Objects (pickles) are never read.
public struct NPYFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "npy".
  public var name: String { "npy" }

  /// `.npy`.
  public var endings: [String] { [".npy"] }

  /// Reads the array at `path`.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    let content = try files.read(path, limit: headerOnly ? 1 << 17 : nil)
    let array = try NPYArray(content, named: path, headerOnly: headerOnly)
    var volume = array.volume(named: path, affine: Affine(spacing: SIMD3(1, 1, 1)))
    volume.source = SourceHeader(format: name, bytes: [])
    volume.notes = [
      VolumeNote(.spacing, "it has no voxel size: 1 mm is assumed"), VolumeNote.unturned,
    ]
    if volume.channels > 1 {
      volume.notes.append(
        VolumeNote(
          .other,
          "its first axis, of \(volume.channels), is taken for channels, as segmpi writes them"))
    }
    return volume
  }

  /// The array of `content` alone, in the order of C: `[D, H, W]`, or `[C, D, H, W]` for several
  /// channels. The geometry is lost; `.npz` keeps it.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels` for values that `element` cannot hold.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    [FileContent(path: path, bytes: try NPYArray.file(content, as: element, path: path))]
  }
}

/// An array as a `.npy` file holds it.
struct NPYArray {
  let header: NPYHeader
  /// The numbers; empty where only the header was wanted.
  let numbers: [UInt8]

  /// Reads the content of a `.npy` file.
  init(_ content: [UInt8], named name: String, headerOnly: Bool) throws {
    header = try NPYHeader(content, named: name)
    guard (1...4).contains(header.shape.count) else {
      throw VolumeError(
        .unsupported, name,
        "has \(header.shape.count) axes, not (D, H, W) or (C, D, H, W); save it with three or four")
    }
    guard let count = EncodedVolume.count(header.shape) else {
      throw VolumeError(
        .unsupported, name,
        "has the shape \(header.shape), which is empty or of more than \(EncodedVolume.maximumCount) "
          + "numbers; save a part of it")
    }
    if headerOnly {
      numbers = []
      return
    }
    var reader = try ContentReader(content, from: header.end, path: name, nil)
    numbers = try reader.read(count * header.size, "numbers")
    try reader.expectEnd(
      after: count * header.size, face: EncodedVolume.face(of: header.shape) * header.size,
      "numbers")
  }

  /// The array as a volume: axes (D, H, W), before them a channel where there are four.
  func volume(named name: String, affine: Affine) -> EncodedVolume {
    let shape = header.shape
    let channels = shape.count == 4 ? shape[0] : 1
    let axes = Array((shape.suffix(3) + [1, 1]).prefix(3))
    let element: ElementType
    let bytes: [UInt8]
    let bigEndian: Bool
    switch header.element {
    case .number(let type): (element, bytes, bigEndian) = (type, numbers, header.bigEndian)
    case .half: (element, bytes, bigEndian) = (.float32, widened, false)
    }
    return EncodedVolume(
      path: name, geometry: Geometry(shape: axes, affine: affine), channels: channels,
      element: element, bigEndian: bigEndian, slope: 1, intercept: 0, bytes: bytes,
      order: header.isFortran ? .interleaved : .rowMajor,
      source: SourceHeader(format: "npy", bytes: []))
  }

  /// Numbers of 16 bits as float32, the least significant byte first: exact.
  private var widened: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(numbers.count * 2)
    let span = numbers.span
    for place in stride(from: 0, to: numbers.count, by: 2) {
      let half = UInt16.load(span, at: place, bigEndian: header.bigEndian)
      Self.float(half: half).append(to: &result, bigEndian: false)
    }
    return result
  }

  /// The value of a floating-point number of IEEE's binary16.
  static func float(half: UInt16) -> Float {
    let sign = UInt32(half >> 15) << 31
    let exponent = UInt32(half >> 10) & 31
    let fraction = UInt32(half & 0x3FF)
    switch exponent {
    // 2^-24 a unit: exact in float32.
    case 0:
      let value = Float(fraction) * 0x1p-24
      return sign == 0 ? value : -value
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The `.npy` file of `content`.
  static func file(
    _ content: VolumeContent, as element: ElementType, path: String
  ) throws -> [UInt8] {
    let shape = (content.channels > 1 ? [content.channels] : []) + content.geometry.shape
    return NPYHeader(element: element, shape: shape).bytes
      + (try content.encode(as: element, order: .rowMajor, path: path))
  }
}
