/// DICOM series, through `dcm2niix`: every transfer syntax that it reads (uncompressed, JPEG, JPEG-LS,
/// JPEG 2000), the order of slices and their place in space as it finds them.
///
/// `dcm2niix` runs as a child process and writes NIfTI into a temporary folder. Under `mpirun` that is
/// refused: a child process after MPI's start is not safe with every transport, and every rank would
/// convert the same series. Results are written as another format, best NIfTI.
public struct DICOMFormat: VolumeFormat {
  /// The converter, found along `PATH`.
  private let program: String

  /// The format, whose converter is `program`.
  public init(program: String = "dcm2niix") { self.program = program }

  /// "dicom".
  public var name: String { "dicom" }

  /// `.dcm` and `.ima`; folders and files without an ending are known by their content.
  public var endings: [String] { [".dcm", ".ima"] }

  /// Whether a file that starts with `bytes` (132 at least) is DICOM.
  static func isDICOM(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 132 && bytes[128..<132].elementsEqual("DICM".utf8)
  }

  /// Reads the series in the folder `path`, or the one file.
  ///
  /// - Throws: ``VolumeError``; of kind `unsupported` without `dcm2niix`, under `mpirun`, and for a
  ///   folder with several series or none.
  public func read(
    _ path: String, headerOnly: Bool, in files: any FileSource
  ) throws -> EncodedVolume {
    guard files is Disk else {
      throw VolumeError(
        .unsupported, path, "is DICOM, which is read from the disk only; save it there")
    }
    let isFolder = try files.names(in: path) != nil
    if !isFolder { _ = try files.read(path, limit: 1) }
    let launchers = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]
    guard !launchers.contains(where: { ChildProcess.environment($0) != nil }) else {
      throw VolumeError(
        .unsupported, path,
        "is DICOM, which is not converted under mpirun; first run: segmpi convert \(path) NAME.nii.gz"
      )
    }
    return try TemporaryFolder.with { folder in
      let name = try convert(path, isFolder: isFolder, into: folder)
      var volume = try NIfTIFormat().read(
        "\(folder)/\(name)", headerOnly: headerOnly, in: files)
      volume.path = path
      // What dcm2niix makes of a file that ends within its header.
      guard volume.geometry.count > 1 else {
        throw VolumeError(
          .damaged, path, "is DICOM of a single voxel; the copy is incomplete, copy it again")
      }
      if name.contains("_Eq") {
        volume.notes.append(
          VolumeNote(
            .other, "its slices are not equally spaced: dcm2niix has interpolated between them"))
      }
      return volume
    }
  }

  /// Has `path` converted into `folder`; the name of the volume there.
  private func convert(_ path: String, isFolder: Bool, into folder: String) throws -> String {
    // A name that starts with a dash would be an option.
    let input = path.hasPrefix("-") ? "./" + path : path
    let arguments = ["-b", "n", "-z", "n", "-f", "volume", "-o", folder]
    let outcome = try ChildProcess.run(
      program, arguments + (isFolder ? [] : ["-s", "y"]) + [input], log: "\(folder)/log")
    guard let outcome else {
      throw VolumeError(
        .unsupported, path,
        "is DICOM (or a folder without slices as PNG), for which \(program) is needed; install it with "
          + "apt-get install dcm2niix")
    }
    let volumes = try FileAccess.names(in: folder)?.filter { $0.hasSuffix(".nii") } ?? []
    let interpolated = volumes.filter { $0.contains("_Eq") }
    if volumes.count == 2, interpolated.count == 1 { return interpolated[0] }
    let words =
      outcome.output.split(separator: "\n").last {
        $0.hasPrefix("Error") || $0.hasPrefix("Warning")
      }
      .map { " (\($0.prefix(200)))" } ?? ""
    if volumes.isEmpty,
      let line = outcome.output.split(separator: "\n").first(where: {
        $0.contains("Unsupported transfer syntax")
      })
    {
      let syntax = line.split(separator: "'").dropFirst().first ?? "unknown"
      throw VolumeError(
        .unsupported, path,
        "is compressed in a way that this \(program) cannot read (transfer syntax \(syntax)); "
          + "decompress it first, with gdcmconv --raw of apt-get install libgdcm-tools for instance"
      )
    }
    guard let name = volumes.first else {
      throw VolumeError(
        .unsupported, path,
        "holds no DICOM images that \(program) converts\(words); name the folder of one series")
    }
    guard outcome.status == 0 else {
      throw VolumeError(
        .damaged, path,
        "cannot be converted whole by \(program)\(words); copy the series again from its source")
    }
    guard volumes.count == 1 else {
      throw VolumeError(
        .unsupported, path,
        "holds \(volumes.count) series or parts of them; put the files of one series alone into a "
          + "folder")
    }
    return name
  }

  /// Refuses: DICOM is read only.
  ///
  /// - Throws: ``VolumeError`` of kind `unsupported`.
  public func files(
    for content: VolumeContent, at path: String, as element: ElementType
  ) throws -> [FileContent] {
    throw VolumeError(.unsupported, path, "is DICOM, which is not written; write .nii.gz instead")
  }
}
