internal import Collective
internal import Foundation
internal import Volumes

extension ExperimentConfiguration {
  /// The configuration with the median spacing of its data set written out, where it asks for that.
  ///
  /// The spacings are those of the headers of all subjects' first images, their axes in the order of
  /// the preparation. They are known before anything is trained and say nothing of labels or
  /// intensities; so the folds share them, as in nnU-Net.
  ///
  /// - Throws: ``DatasetError``, or `VolumeError` for a header that cannot be read.
  public func measured() throws -> ExperimentConfiguration {
    guard preparation.spacing == .median else { return self }
    let dataset = try Dataset.open(data)
    let orientation = try Orientation(code: preparation.orientation)
    let spacings = try dataset.subjects.map { subject in
      let geometry = try VolumeFiles.readHeader(subject.images[0]).geometry
      return Reorientation(from: geometry.orientation, to: orientation)(geometry).spacing
    }
    var result = self
    result.preparation = preparation.measured(spacings: spacings)
    return result
  }
}

extension Experiment {
  /// The experiment of each fold, its preparation learned from that fold's training subjects and no
  /// others; empty where nothing is to be learned. Collective over `world`.
  ///
  /// Every subject is measured once, the subjects dealt to the ranks and their threads; what is learned
  /// depends on neither, since it is computed from the measures in the data set's order.
  ///
  /// - Parameters:
  ///   - selected: the folds wanted.
  ///   - folds: who trains in them.
  ///   - dataset: the subjects.
  ///   - world: all ranks.
  ///   - threads: how many each rank uses.
  /// - Returns: the experiments by fold.
  /// - Throws: an error in one sentence; on every rank the same.
  func learned(
    for selected: [Int], of folds: Folds, _ dataset: Dataset, world: any Communicator, threads: Int
  ) throws -> [Int: Experiment] {
    guard !configuration.preparation.isComplete else { return [:] }
    let subjects = dataset.subjects
    let own = Array(stride(from: world.rank, to: subjects.count, by: world.size))
    // Tells the watchdog that the rank works.
    let recorder = world.recorder
    let text = try world.agree {
      let measures = try inBatches(own, threads: threads) { index, inner in
        recorder.beat()
        return try PreparedSubject.measure(subjects[index], self, threads: inner)
      }
      return String(decoding: try JSONEncoder().encode(measures), as: UTF8.self)
    }
    let texts = try world.gatherTexts(text)
    let all = try world.broadcast((texts ?? []).joined(separator: "\n"), root: 0)
    return try world.agree {
      var measures = [[[Double]]](repeating: [], count: subjects.count)
      for (rank, line) in all.split(separator: "\n").enumerated() {
        let part = try JSONDecoder().decode([[[Double]]].self, from: Data(line.utf8))
        for (index, measure) in part.enumerated() {
          measures[rank + index * world.size] = measure
        }
      }
      return try Dictionary(
        uniqueKeysWithValues: selected.map { fold in
          let training = Set(folds.splits[fold].train)
          let known = subjects.indices.filter { training.contains(subjects[$0].name) }
          var changed = configuration
          changed.preparation = configuration.preparation.learned(from: known.map { measures[$0] })
          return (fold, try Experiment(changed, channels: channels, labels: labels))
        })
    }
  }
}
