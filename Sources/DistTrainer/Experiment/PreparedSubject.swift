public import Volumes

/// A subject as training and prediction see it: in memory, or mapped from a file that the ranks of a
/// host share.
public struct PreparedSubject: Sendable {
  /// Where the voxels are.
  private enum Content: Sendable {
    case memory(image: Volume, classes: [UInt8], reference: LabelVolume?)
    case file(MappedSubject)
  }

  /// The subject's name.
  public let name: String
  /// The way back to the grid of the file.
  public let grid: PreparedGrid
  /// Where each class lies.
  public let foreground: ForegroundIndex
  private let content: Content

  /// Reads and prepares a subject's files.
  ///
  /// - Parameters:
  ///   - subject: which files.
  ///   - experiment: how they are prepared, and which labels they may hold.
  ///   - readsReference: whether there is a reference segmentation to read.
  ///   - threads: how many to use; they do not change a bit.
  /// - Throws: `VolumeError` in one sentence that names the file and the remedy.
  public init(
    _ subject: Subject, _ experiment: Experiment, readsReference: Bool = true, threads: Int = 1
  ) throws {
    let preparation = experiment.configuration.preparation
    name = subject.name
    let whole = try Self.readImage(subject.images, channels: experiment.channels)
    let (image, grid) = try Self.naming(subject.images[0]) {
      try preparation.prepare(whole, threads: threads)
    }
    self.grid = grid
    guard readsReference else {
      content = .memory(image: image, classes: [], reference: nil)
      foreground = ForegroundIndex(labels: [UInt8]().span)
      return
    }
    let labels = try VolumeFiles.readLabels(
      subject.label, map: subject.meanings(of: experiment.classOfLabel))
    let prepared = try Self.naming(subject.label) { [grid] in
      try preparation.prepare(labels, on: grid, threads: threads)
    }
    content = .memory(image: image, classes: prepared.voxels, reference: labels)
    foreground = ForegroundIndex(labels: prepared.voxels.span)
  }

  /// A subject that was prepared before, in its file.
  init(name: String, mapped: MappedSubject) {
    self.name = name
    grid = mapped.grid
    content = .file(mapped)
    foreground = mapped.withVoxels { _, classes in ForegroundIndex(labels: classes) }
  }

  /// A subject made in memory, its image prepared already.
  init(
    name: String, image: Volume, classes: [UInt8], foreground: ForegroundIndex? = nil
  ) throws {
    let asItIs = Preparation(
      orientation: image.geometry.orientation.code, normalization: NoNormalization())
    let (prepared, grid) = try asItIs.prepare(image)
    self.name = name
    self.grid = grid
    content = .memory(image: prepared, classes: classes, reference: nil)
    self.foreground = foreground ?? ForegroundIndex(labels: classes.span)
  }

  /// A subject whose voxels go on beyond its border, in memory; foreground is where it was.
  ///
  /// - Parameters:
  ///   - before: voxels that are added before the first, along (D, H, W).
  ///   - after: voxels that are added after the last.
  ///   - borders: what they are, along each axis.
  /// - Returns: the larger subject.
  /// - Throws: `VolumeError` where the grid becomes too large.
  func extended(
    before: [Int], after: [Int], borders: [VolumeBorder]
  ) throws -> PreparedSubject {
    let size = (0..<3).map { before[$0] + shape[$0] + after[$0] }
    let places = (0..<3).map { axis in
      (0..<size[axis]).map { offset in
        borders[axis].source(of: offset - before[axis], extent: shape[axis]) ?? -1
      }
    }
    let inside = (0..<3).map { before[$0]..<before[$0] + shape[$0] }
    let count = size.reduce(1, *)
    let (extents, voxelCount) = (shape, shape.reduce(1, *))
    let channels = withVoxels { image, _ in image.count / voxelCount }
    var voxels = [Float](repeating: 0, count: channels * count)
    var classes = [UInt8](repeating: 0, count: count)
    var core = classes
    withVoxels { image, labels in
      for channel in 0..<channels {
        var to = channel * count
        for (d, z) in places[0].enumerated() {
          for (h, y) in places[1].enumerated() {
            for (w, x) in places[2].enumerated() {
              if z >= 0, y >= 0, x >= 0 {
                let from = (z * extents[1] + y) * extents[2] + x
                voxels[to] = image[channel * voxelCount + from]
                if channel == 0 {
                  classes[to] = labels[from]
                  let isInside =
                    inside[0].contains(d) && inside[1].contains(h) && inside[2].contains(w)
                  core[to] = isInside ? labels[from] : 0
                }
              }
              to += 1
            }
          }
        }
      }
    }
    let geometry = Geometry(shape: size, affine: grid.prepared.affine)
    return try PreparedSubject(
      name: name, image: Volume(voxels: voxels, channels: channels, geometry: geometry),
      classes: classes, foreground: ForegroundIndex(labels: core.span))
  }

  /// Whether its voxels lie in a file.
  var isMapped: Bool {
    if case .file = content { true } else { false }
  }

  /// The extents of the prepared image (D, H, W).
  public var shape: [Int] { grid.prepared.shape }

  /// The prepared image, `[C, D, H, W]`: a copy, where it lies in a file.
  public var image: Volume {
    switch content {
    case .memory(let image, _, _): image
    case .file(let file): file.image
    }
  }

  /// The class of each voxel on the prepared grid, `[D, H, W]`; empty without a reference. A copy,
  /// where it lies in a file.
  public var classes: [UInt8] {
    switch content {
    case .memory(_, let classes, _): classes
    case .file(let file): file.classes
    }
  }

  /// The reference on the grid of the file, as classes; nil where there is none. A copy, where it
  /// lies in a file.
  public var reference: LabelVolume? {
    switch content {
    case .memory(_, _, let reference): reference
    case .file(let file): file.reference
    }
  }

  /// Calls `body` with the image `[C, D, H, W]` and the classes `[D, H, W]` where they are; nothing is
  /// copied.
  public func withVoxels<Result, Failure: Error>(
    _ body: (_ image: Span<Float>, _ classes: Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch content {
    case .memory(let image, let classes, _): try body(image.voxels.span, classes.span)
    case .file(let file): try file.withVoxels(body)
    }
  }

  /// What a subject contributes to what its preparation must learn, `[channel]`.
  ///
  /// - Throws: `VolumeError` in one sentence that names the file and the remedy.
  static func measure(
    _ subject: Subject, _ experiment: Experiment, threads: Int
  ) throws -> [[Double]] {
    let whole = try readImage(subject.images, channels: experiment.channels)
    return try naming(subject.images[0]) {
      try experiment.configuration.preparation.measure(whole, threads: threads)
    }
  }

  /// Reads the files of an image, one or several channels each, onto the grid of the first: what
  /// lies on another grid is interpolated linearly in space, and is the least value of its own
  /// where it does not reach (`segmpi check` and the start of training name such files).
  static func readImage(_ paths: [String], channels: Int) throws -> Volume {
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
