#if !FUZZING
  // The fuzzers compile this file and the room as one module.
  @testable import Volumes
#endif

/// A reader of files, given bytes that may be anything.
enum ReaderProbe: String, CaseIterable {
  case nifti, nrrd, metaimage, npy, npz, png

  /// Divides the bytes of a header from those of the file beside it.
  static let divider = Array("\n====\n".utf8)

  /// The path that a reader is asked for, where the bytes are one file, and where they are two.
  private var paths: (one: String, two: String) {
    switch self {
    case .nifti: ("a.nii", "a.hdr")
    case .nrrd: ("a.nrrd", "a.nhdr")
    case .metaimage: ("a.mha", "a.mhd")
    case .npy: ("a.npy", "a.npy")
    case .npz: ("a.npz", "a.npz")
    case .png: ("a.png", "slices")
    }
  }

  /// What came of a file.
  enum Outcome { case volume, refused }

  /// Reads `bytes` as a volume, and writes and reads again what came of it.
  ///
  /// `read` is given the most bytes that reading may hold at a time, and does the reading.
  ///
  /// Ends the process where a reader breaks its promises: another error than a sentence about the
  /// file, voxels that do not fill their grid, or a result that does not come back from its own format.
  func run(
    _ bytes: [UInt8],
    reading read: (_ bound: Int, _ body: () throws -> EncodedVolume) throws -> EncodedVolume = {
      try $1()
    }
  ) -> Outcome {
    let files = ProbeFiles(bytes, paths: paths)
    do {
      let format = try VolumeFiles.format(reading: files.path, in: files)
      var declared = 0
      if let header = try? format.read(files.path, headerOnly: true, in: files) {
        let size = header.channels * header.geometry.count * header.element.size
        // More than the file can yield is refused before anything is allocated.
        declared = min(size, (bytes.count + 1) * Inflater.largestExpansion)
      }
      let volume = try read(2 * declared + 64 * bytes.count + 1 << 18) {
        try format.read(files.path, headerOnly: false, in: files)
      }
      try check(volume, format)
      return .volume
    } catch let error as VolumeError {
      require(!error.reason.isEmpty && !error.subject.isEmpty, "an empty sentence")
      return .refused
    } catch {
      require(false, "an error that is no sentence: \(error)")
      return .refused
    }
  }

  private func check(_ encoded: EncodedVolume, _ format: any VolumeFormat) throws {
    let count = encoded.channels * encoded.geometry.count
    require(encoded.bytes.count == count * encoded.element.size, "voxels do not fill their grid")
    require(encoded.geometry.affine.isInvertible, "a grid without a way back")
    // Beyond this, decoding is no different, and slow.
    guard count <= 1 << 14 else { return }
    let volume = try encoded.image(finite: false)
    require(volume.oriented().geometry.orientation == .ras, "not brought to RAS")
    _ = try? encoded.labels(map: nil)
    guard self != .png, volume.geometry.affine.isRepresentable else { return }
    let content = VolumeContent(
      values: .image(volume.voxels), channels: volume.channels, geometry: volume.geometry,
      source: volume.source)
    let path = paths.one
    let written = try format.files(for: content, at: path, as: .float32)
    let memory = ProbeFiles(written)
    let back = try format.read(path, headerOnly: false, in: memory).image(finite: false)
    require(
      zip(back.voxels, volume.voxels).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
        && back.channels == volume.channels, "other voxels come back")
    require(self == .npy || isKept(volume.geometry, back.geometry), "another grid comes back")
  }

  /// Whether a grid came back: bit for bit where the header was the template, to rounding else.
  private func isKept(_ old: Geometry, _ new: Geometry) -> Bool {
    if old == new { return true }
    guard self != .npz, let distance = old.cornerDisagreement(with: new) else { return false }
    let size = old.corners.map { ($0 * $0).sum().squareRoot() }.max() ?? 0
    return distance <= 1e-5 * (size + old.spacing.reduce(0, +))
  }
}

/// Ends the process unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
  if !condition { fatalError(what()) }
}

extension Affine {
  /// Whether float32, in which NIfTI-1 keeps it, holds it to some digits.
  fileprivate var isRepresentable: Bool {
    spacing.allSatisfy { (1e-3...1e6).contains($0) }
      && (0..<3).allSatisfy { abs(origin[$0]) < 1e3 * (spacing.min() ?? 0) }
      && abs(determinant) > 1e-2 * spacing.reduce(1, *)
  }
}

/// The files of a probe, in memory. Whatever else a header names has the content of the second file.
struct ProbeFiles: FileSource {
  /// The path to ask for.
  let path: String
  private var contents: [String: [UInt8]]
  private var other: [UInt8]?

  /// One file, or, where the divider is in `bytes`, two.
  init(_ bytes: [UInt8], paths: (one: String, two: String)) {
    let divider = ReaderProbe.divider
    let place = bytes.indices.first {
      bytes[$0] == divider[0] && bytes[$0...].starts(with: divider)
    }
    guard let place, paths.one != paths.two else {
      path = paths.one
      contents = [paths.one: bytes]
      return
    }
    path = paths.two
    contents = [path: Array(bytes[..<place])]
    let rest = Array(bytes[(place + divider.count)...])
    other = rest
    if path == "slices" {
      contents = ["slices/1.png": Array(bytes[..<place]), "slices/2.png": rest]
    }
  }

  /// Files that were written.
  init(_ written: [FileContent]) {
    path = ""
    contents = Dictionary(uniqueKeysWithValues: written.map { ($0.path, $0.bytes) })
  }

  func read(_ path: String, limit: Int?) throws -> [UInt8] {
    guard let content = contents[path] ?? other else {
      throw VolumeError(.inaccessible, path, "cannot be opened; check the path")
    }
    return Array(content.prefix(limit ?? Int.max))
  }

  func exists(_ path: String) -> Bool {
    contents[path] != nil || other != nil && path.hasPrefix("a.")
  }

  func names(in path: String) throws -> [String]? {
    path == "slices" ? contents.keys.map { String($0.dropFirst(7)) }.sorted() : nil
  }
}
