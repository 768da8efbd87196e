internal import Volumes

/// What one subject adds to the fingerprint of its data set, measured on the grid of its file with
/// the axes in the order of the preparation; nothing of it depends on normalization.
struct SubjectFingerprint: Codable, Sendable {
  /// The extents (D, H, W).
  var shape: [Int]
  /// The voxel size along them (mm).
  var spacing: [Double]
  /// The extents of the smallest box that holds every voxel that is not 0.
  var nonZeroShape: [Int]
  /// The voxels of each class, background first.
  var classVoxels: [Int]
  /// Intensities of foreground voxels, the same voxels for each channel: all of them, or
  /// ``mostSamples`` evenly through the array; `[channel][voxel]`.
  var samples: [[Float]]

  /// How many voxels of a subject are sampled at most, as in nnU-Net.
  static let mostSamples = 10_000

  /// Reads and measures a subject.
  ///
  /// - Throws: `VolumeError` in one sentence that names the file and the remedy.
  init(_ subject: Subject, _ experiment: Experiment) throws {
    let orientation = try Orientation(code: experiment.configuration.preparation.orientation)
    let image = try PreparedSubject.readImage(subject.images, channels: experiment.channels)
    let labels = try VolumeFiles.readLabels(
      subject.label, map: subject.meanings(of: experiment.classOfLabel))
    guard labels.shape == image.geometry.shape else {
      throw VolumeError(
        .geometry, subject.label,
        "has shape \(labels.shape), its image \(image.geometry.shape); put the image's own label "
          + "there, or resample it")
    }
    let change = Reorientation(from: image.geometry.orientation, to: orientation)
    let grid = change(image.geometry)
    shape = grid.shape
    spacing = grid.spacing
    nonZeroShape = change.permutation.map { image.nonZeroBox.shape[$0] }
    let classes = labels.voxels.span
    var counts = [Int](repeating: 0, count: 256)
    for index in classes.indices { counts[Int(classes[index])] += 1 }
    classVoxels = Array(counts[..<experiment.classes])
    let foreground = classVoxels.dropFirst().reduce(0, +)
    let wanted = min(foreground, Self.mostSamples)
    var places: [Int] = []
    places.reserveCapacity(wanted)
    var seen = 0
    for index in classes.indices where classes[index] != 0 {
      // The sample k is the voxel floor(k * foreground / wanted) of the foreground.
      if places.count < wanted, seen == places.count * foreground / wanted { places.append(index) }
      seen += 1
    }
    let count = image.geometry.count
    samples = (0..<image.channels).map { channel in
      places.map { image.voxels[channel * count + $0] }
    }
  }
}
