/// `.npz`: arrays of NumPy in a zip archive, of which one is the volume and another its geometry.
///
/// The volume is the array `data`, or the only one beside `affine`: axes as in ``NPYFormat``. `affine` is
/// the 4x4 matrix from indices to millimeters in NIfTI's space, in float64, as `nibabel` has it: results
/// carry it bit for bit. Without it, voxels of 1 mm are assumed.
public struct NPZFormat: VolumeFormat {
  /// The format; it has no settings.
  public init() {}

  /// "npz".
  public var name: String { "npz" }

  /// `.npz`.
  public var endings: [String] { [".npz"] }

  /// Reads the archive at `path`.
  ///
  /// - Throws: ``VolumeError``.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    let archive = try ZipArchive(try files.read(path, limit: nil), path: path)
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    let candidates = arrays.filter { $0.name != "affine.npy" }
    guard
      let member = candidates.first(where: { $0.name == "data.npy" })
        ?? (candidates.count == 1 ? candidates[0] : nil)
    else {
      let names = candidates.map { String($0.name.dropLast(4)) }.joined(separator: ", ")
      throw VolumeError(
        .unsupported, path,
        candidates.isEmpty
          ? "holds no array; save it with numpy.savez"
          : "holds the arrays \(names.prefix(200)); name the volume data")
    }
    let content = try archive.content(of: member, limit: headerOnly ? 1 << 17 : nil)
    let array = try NPYArray(
      content, named: "\(path), \(member.name)", headerOnly: headerOnly)
    var affine = Affine(spacing: SIMD3(1, 1, 1))
    let matrix = arrays.first { $0.name == "affine.npy" }
    if let matrix { affine = try Self.affine(archive.content(of: matrix), "\(path), affine.npy") }
    var volume = array.volume(named: path, affine: affine)
    volume.source = SourceHeader(format: name, bytes: [])
    if matrix == nil {
      volume.notes = [
        VolumeNote(.spacing, "it has no affine: voxels of 1 mm are assumed"), VolumeNote.unturned,
      ]
    }
    return volume
  }

  private static func affine(_ content: [UInt8], _ name: String) throws -> Affine {
    let array = try NPYArray(content, named: name, headerOnly: false)
    guard array.header.shape == [4, 4] else {
      throw VolumeError(
        .geometry, name, "has the shape \(array.header.shape), not (4, 4); save the whole matrix")
    }
    var volume = array.volume(named: name, affine: Affine(spacing: SIMD3(1, 1, 1)))
    volume.path = name
    let numbers = try volume.decode({ value, _ in value }, filler: 0)
    let affine = Affine(
      rows: (0..<3).map {
        SIMD4(numbers[4 * $0], numbers[4 * $0 + 1], numbers[4 * $0 + 2], numbers[4 * $0 + 3])
      })
    guard affine.isInvertible, numbers[12...] == [0, 0, 0, 1] else {
      throw VolumeError(
        .geometry, name,
        "is not an invertible transform to millimeters with the last row 0, 0, 0, 1; save the matrix "
          + "that nibabel gives")
    }
    return affine
  }

  /// The arrays `data`, as ``NPYFormat`` does, and `affine`.
  ///
  /// - Throws: ``VolumeError``; of kind `voxels` for values that `element` cannot hold.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    var affine = NPYHeader(element: .float64, shape: [4, 4]).bytes
    for row in content.geometry.affine.rows + [SIMD4(0, 0, 0, 1)] {
      for column in 0..<4 { row[column].append(to: &affine, bigEndian: false) }
    }
    let data = try NPYArray.file(content, as: element, path: path)
    let archive = try ZipArchive.archive(
      [("data.npy", data), ("affine.npy", affine)], path: path)
    return [FileContent(path: path, bytes: archive)]
  }
}
