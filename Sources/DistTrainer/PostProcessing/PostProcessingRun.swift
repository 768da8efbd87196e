public import Collective
internal import Evaluation
public import Nets
internal import Volumes

/// One call of `segmpi postprocess`: label volumes in, label volumes out, on the same grids.
public struct PostProcessingRun: Sendable {
  private let files: [(name: String, path: String)]
  private let steps: [PostProcessingChoice]
  private let output: String
  private let references: String?
  private let input: String
  private let isSingle: Bool

  /// A call that treats `input` into `output`.
  ///
  /// - Parameters:
  ///   - input: a folder of label volumes, or one; files of probabilities beside them are left out.
  ///   - output: a folder, made where it is missing, for files of the same names; for one volume
  ///     also a file, by its ending.
  ///   - steps: what is done, in order.
  ///   - references: what to measure against, before and after: a folder of label volumes, a data
  ///     set, or one volume; nil measures nothing.
  /// - Throws: ``PredictionError`` for an input that holds nothing; ``PostProcessingError`` for an
  ///   output that would replace the input.
  public init(
    input: String, output: String, steps: [PostProcessingChoice], references: String? = nil
  ) throws {
    self.input = input
    self.references = references
    isSingle = VolumeNames.exists(input) && !VolumeNames.exists(input.appending(file: "."))
    files = try LabelFiles.labels(at: input).sorted { $0.key.precedes($1.key) }
      .map { (name: $0.key, path: $0.value) }
    self.output = output
    self.steps = steps
    for file in files where LabelFiles.isSame(target(of: file.path), file.path) {
      throw PostProcessingError(
        "\(output) is where the input lies: name another output, so that what was predicted stays.")
    }
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// The files that were written, in the order of their subjects.
    public var files: [String] = []
    /// In how many of them a voxel changed.
    public var changedFiles = 0
    /// How many voxels changed.
    public var changedVoxels = 0
    /// The metrics before and after, where there are references; on rank 0.
    public var table: PostProcessingTable?
  }

  /// Reads, treats and writes; collective over `world`, whose rank 0 writes.
  ///
  /// - Parameters:
  ///   - world: all ranks; subjects are dealt to them.
  ///   - progress: called on rank 0 with the number of volumes written, of all, and the name of the
  ///     last.
  /// - Returns: what was written, on rank 0.
  /// - Throws: an error in one sentence that names the file; what was written before is kept.
  @discardableResult
  public func run(
    world: any Communicator, progress: (Int, Int, String) -> Void = { _, _, _ in }
  ) throws -> Outcome {
    let before = try world.agree { () throws -> MetricsTable? in
      guard world.rank == 0 else { return nil }
      if references != nil { try requireOwnOutput() }
      try makeFolder(isFile ? output.folder : output)
      return try references.map {
        try SegmentationComparison(predictions: input, references: $0).run()
      }
    }
    var outcome = Outcome()
    try world.deal(files.count) { index in
      var volume = try VolumeFiles.readLabels(files[index].path)
      let before = volume.voxels
      try steps.apply(to: &volume)
      // The number of changed voxels goes ahead, in eight bytes.
      return bytes(of: Int64(zip(before, volume.voxels).count { $0 != $1 })) + volume.voxels
    } take: { index, result in
      let file = files[index]
      let changed = Int(integers(in: Array(result.prefix(8)))[0])
      let header = try VolumeFiles.readHeader(file.path)
      let target = target(of: file.path)
      try VolumeFiles.write(
        LabelVolume(
          voxels: Array(result.dropFirst(8)), geometry: header.geometry, source: header.source),
        to: target)
      outcome.files.append(target)
      outcome.changedVoxels += changed
      if changed > 0 { outcome.changedFiles += 1 }
      progress(index + 1, files.count, file.name)
    }
    outcome.table = try world.agree {
      guard let before, let references else { return nil }
      let after = try SegmentationComparison(
        predictions: output, references: references,
        labels: before.labels.map { (number: $0.label, name: $0.name) }
      ).run()
      return PostProcessingTable(before: before, after: after, steps: steps)
    }
    return outcome
  }

  /// Refuses an output that holds volumes of others, which could not be measured with these.
  private func requireOwnOutput() throws {
    let own = Set(files.map { VolumeNames.stem(of: $0.path.lastComponent) })
    guard !isFile, VolumeNames.exists(output),
      let stray = VolumeNames.readable(in: output).first(where: {
        !own.contains(VolumeNames.stem(of: $0))
      })
    else { return }
    throw PostProcessingError(
      "The folder \(output) holds other volumes already (\(stray)): name an empty one, for all of "
        + "its volumes are measured.")
  }

  /// Whether the output is a file's name, not a folder's.
  private var isFile: Bool { isSingle && VolumeNames.stem(of: output) != output }

  private func target(of path: String) -> String {
    isFile ? output : output.appending(file: path.lastComponent)
  }
}
