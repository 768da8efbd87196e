public import Volumes

/// A subject as training and prediction see it, in memory.
public struct PreparedSubject: Sendable {
  /// The subject's name.
  public let name: String
  /// The prepared image, `[C, D, H, W]`.
  public let image: Volume
  /// The way back to the grid of the file.
  public let grid: PreparedGrid
  /// The class of each voxel on the prepared grid, `[D, H, W]`; empty without a reference.
  public let classes: [UInt8]
  /// Where each class lies.
  public let foreground: ForegroundIndex
  /// The reference on the grid of the file, as classes; nil where there is none.
  public let reference: LabelVolume?

  /// Reads and prepares a subject's files.
  ///
  /// - Parameters:
  ///   - subject: which files.
  ///   - experiment: how they are prepared, and which labels they may hold.
  ///   - readsReference: whether there is a reference segmentation to read.
  /// - Throws: `VolumeError` in one sentence that names the file and the remedy.
  public init(_ subject: Subject, _ experiment: Experiment, readsReference: Bool = true) throws {
    let preparation = experiment.configuration.preparation
    name = subject.name
    let whole = try Self.readImage(subject.images, channels: experiment.channels)
    let (image, grid) = try Self.naming(subject.images[0]) { try preparation.prepare(whole) }
    self.image = image
    self.grid = grid
    guard readsReference else {
      reference = nil
      classes = []
      foreground = ForegroundIndex(labels: [UInt8]().span)
      return
    }
    let labels = try VolumeFiles.readLabels(
      subject.label, map: subject.meanings(of: experiment.classOfLabel))
    let prepared = try Self.naming(subject.label) { [grid] in
      try preparation.prepare(labels, on: grid)
    }
    reference = labels
    classes = prepared.voxels
    foreground = ForegroundIndex(labels: prepared.voxels.span)
  }

  /// A subject that was prepared before.
  init(
    name: String, image: Volume, grid: PreparedGrid, classes: [UInt8], reference: LabelVolume
  ) {
    self.name = name
    self.image = image
    self.grid = grid
    self.classes = classes
    self.reference = reference
    foreground = ForegroundIndex(labels: classes.span)
  }

  /// A subject made in memory, its image prepared already.
  init(name: String, image: Volume, classes: [UInt8]) throws {
    let asItIs = Preparation(
      orientation: image.geometry.orientation.code, normalization: NoNormalization())
    self.name = name
    self.classes = classes
    (self.image, grid) = try asItIs.prepare(image)
    foreground = ForegroundIndex(labels: classes.span)
    reference = nil
  }

  /// Reads the files of an image, one or several channels each, onto the grid of the first: what
  /// lies on another grid is interpolated linearly in space, and is the least value of its own
  /// where it does not reach (`segmpi check` and the start of training name such files).
  private static func readImage(_ paths: [String], channels: Int) throws -> Volume {
    var parts = try paths.map { try VolumeFiles.readImage($0) }
    let grid = parts[0].geometry
    for index in parts.indices.dropFirst() {
      let distance = parts[index].geometry.cornerDisagreement(with: grid)
      if let distance, distance <= 0.1 * (grid.spacing.min() ?? 0) { continue }
      let filler = parts[index].voxels.min() ?? 0
      parts[index] = parts[index].resampled(onto: grid, filler: filler)
    }
    let found = parts.reduce(0) { $0 + $1.channels }
    guard found == channels else {
      throw VolumeError(
        .geometry, paths.joined(separator: ", "),
        "holds \(found) channels where \(channels) are declared; correct the declaration or the file"
      )
    }
    return Volume(
      voxels: parts.flatMap(\.voxels), channels: channels, geometry: parts[0].geometry,
      source: parts[0].source)
  }

  /// Names the file in an error of preparation, which knows only of grids.
  private static func naming<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as VolumeError {
      throw VolumeError(error.kind, path, "\(error.subject) \(error.reason)")
    }
  }
}
