internal import Collective
internal import Evaluation
internal import Nets
internal import Volumes

extension ValidationPredictions {
  /// Measures the predictions after some steps.
  ///
  /// Collective; the same on every rank, and on any number of ranks.
  /// - Parameters:
  ///   - steps: what is done to each prediction first.
  ///   - world: all ranks; subjects are dealt to them.
  ///   - progress: called on rank 0 with the number of subjects measured, of all.
  /// - Returns: mean Dice of each foreground label over the subjects where it is defined; nil where
  ///   there is none.
  /// - Throws: an error in one sentence, on every rank.
  func dice(
    after steps: [PostProcessingChoice], world: any Communicator, progress: (Int, Int) -> Void
  ) throws -> [Double?] {
    let labels = self.labels.map(\.number).filter { $0 != 0 }
    var counts = [Int64](repeating: 0, count: pairs.count * labels.count * 4)
    try world.agree {
      for index in stride(from: world.rank, to: pairs.count, by: world.size) {
        let found = try pairs[index].counts(after: steps)
        for (place, label) in labels.enumerated() {
          let start = (index * labels.count + place) * 4
          counts.replaceSubrange(start..<start + 4, with: found[label].numbers)
        }
        if world.rank == 0 { progress(min(index + world.size, pairs.count), pairs.count) }
      }
    }
    var sums = counts.mutableSpan
    try world.allReduce(inPlace: &sums, by: .sum)
    return labels.indices.map { label in
      let values = pairs.indices.compactMap { pair in
        let start = (pair * labels.count + label) * 4
        return Dice.value(of: ConfusionCounts(Array(counts[start..<start + 4]))).number
      }
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
  }
}

extension ValidationPredictions.Pair {
  /// The voxels of each label in the prediction, after some steps, and in the reference.
  ///
  /// - Throws: `VolumeError` for a file that cannot be read, ``PostProcessingError`` for unlike
  ///   grids.
  func counts(after steps: [PostProcessingChoice]) throws -> LabelCounts {
    var volume = try VolumeFiles.readLabels(prediction)
    let truth = try VolumeFiles.readLabels(reference, map: map)
    guard volume.shape == truth.shape else {
      throw PostProcessingError(
        "\(prediction) has shape \(volume.shape) and its reference \(reference) has shape "
          + "\(truth.shape): put the run's own data set back.")
    }
    try steps.apply(to: &volume)
    var counts = LabelCounts()
    try counts.add(prediction: volume.voxels.span, reference: truth.voxels.span)
    return counts
  }
}
