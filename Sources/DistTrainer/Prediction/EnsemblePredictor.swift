public import Compute
internal import Volumes

/// Predicts whole volumes with the mean of several networks' probabilities.
///
/// Networks that see the same prepared image are averaged there, added in their order. Where
/// networks prepare images unlike, each kind's mean is brought to the grid of the file, and the mean
/// over all networks is taken there.
public final class EnsemblePredictor {
  private let groups: [NetworkGroup]
  private let classes: Int

  /// A predictor of `models`.
  ///
  /// - Throws: `GraphError` or `EngineError` where a network cannot be compiled, and
  ///   ``CheckpointError`` where a checkpoint does not hold its weights.
  public init(_ models: TrainedModels, engine: any Engine) throws {
    classes = models.experiment.classes
    groups = try models.groups.map {
      try NetworkGroup($0.experiment, checkpoints: $0.checkpoints, engine: engine)
    }
  }

  /// What the networks of one preparation say of a subject.
  private struct Opinion {
    var preparation: Preparation
    var subject: PreparedSubject
    var mean = ProbabilityMean()
    var networks = 0
  }

  /// Predicts a subject with all networks.
  ///
  /// - Parameter subject: its image files; the label is not read.
  /// - Returns: the mean over the networks of its class probabilities.
  /// - Throws: `VolumeError` for a file that cannot be read or prepared.
  func scores(of subject: Subject) throws -> SubjectScores {
    var opinions: [Opinion] = []
    for group in groups {
      let preparation = group.experiment.configuration.preparation
      let known = opinions.firstIndex { $0.preparation == preparation }
      if known == nil {
        opinions.append(
          Opinion(
            preparation: preparation,
            subject: try PreparedSubject(subject, group.experiment, readsReference: false)))
      }
      let place = known ?? opinions.count - 1
      try group.addProbabilities(
        of: opinions[place].subject.image, to: &opinions[place].mean)
      opinions[place].networks += group.count
    }
    guard opinions.count > 1 else {
      return SubjectScores(
        probabilities: opinions[0].mean.mean(), grid: opinions[0].subject.grid, classes: classes)
    }
    var mean = ProbabilityMean()
    for opinion in opinions {
      let restored = opinion.subject.grid.restore(
        probabilities: opinion.mean.mean(), classes: classes)
      mean.add(restored.voxels, weight: Double(opinion.networks))
    }
    return SubjectScores(
      Volume(
        voxels: mean.mean(), channels: classes, geometry: opinions[0].subject.grid.original,
        source: opinions[0].subject.grid.source))
  }
}
