internal import Volumes

/// The class probabilities of a subject, which may lie on the prepared grid still.
struct SubjectScores {
  private enum Place {
    case prepared([Float], PreparedGrid)
    case original(Volume)
  }

  private let place: Place
  private let classes: Int

  /// Probabilities `[classes, D, H, W]` of the prepared grid.
  init(probabilities: [Float], grid: PreparedGrid, classes: Int) {
    place = .prepared(probabilities, grid)
    self.classes = classes
  }

  /// Probabilities on the grid of the file, a channel a class.
  init(_ volume: Volume) {
    place = .original(volume)
    classes = volume.channels
  }

  /// The winning class of each voxel on the grid of the file; ties go to the lower class.
  var winners: LabelVolume {
    switch place {
    case .prepared(let scores, let grid): grid.restore(scores: scores, classes: classes)
    case .original(let volume): volume.winners
    }
  }

  /// The grid of the file.
  var geometry: Geometry {
    switch place {
    case .prepared(_, let grid): grid.original
    case .original(let volume): volume.geometry
    }
  }

  /// The header of the file.
  var source: SourceHeader? {
    switch place {
    case .prepared(_, let grid): grid.source
    case .original(let volume): volume.source
    }
  }

  /// Calls `body` with each foreground class and its probabilities on the grid of the file.
  ///
  /// One class at a time is brought there, beside the background: memory does not grow with the
  /// number of classes. The numbers are those of ``volume``, bit for bit.
  func forEachForeground<Failure>(
    threads: Int, _ body: (Int, Span<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    switch place {
    case .original(let volume):
      let count = volume.geometry.count
      for index in 1..<max(classes, 1) {
        try body(index, volume.voxels.span.extracting(index * count..<(index + 1) * count))
      }
    case .prepared(let scores, let grid):
      let prepared = grid.prepared.count
      let count = grid.original.count
      for index in 1..<max(classes, 1) {
        let pair =
          scores[..<prepared] + scores[index * prepared..<(index + 1) * prepared]
        let volume = grid.restore(probabilities: Array(pair), classes: 2, threads: threads)
        try body(index, volume.voxels.span.extracting(count..<2 * count))
      }
    }
  }

  /// The probabilities on the grid of the file, a channel a class.
  var volume: Volume {
    switch place {
    case .prepared(let scores, let grid): grid.restore(probabilities: scores, classes: classes)
    case .original(let volume): volume
    }
  }
}

extension Volume {
  /// The channel of the largest value of each voxel; ties go to the lower channel.
  var winners: LabelVolume {
    precondition((1...256).contains(channels), "labels have 8 bits")
    let count = geometry.count
    let span = voxels.span
    var labels = [UInt8](repeating: 0, count: count)
    var winner = labels.mutableSpan
    for voxel in 0..<count {
      var best = 0
      for channel in 1..<max(channels, 1)
      where span[channel * count + voxel] > span[best * count + voxel] {
        best = channel
      }
      winner[voxel] = UInt8(best)
    }
    return LabelVolume(voxels: labels, geometry: geometry, source: source)
  }
}
