/// A cross-validation about to run: the experiment, its subjects and how they fall into folds.
public struct Study: Sendable {
  /// The experiment.
  public let experiment: Experiment
  /// The data set.
  public let dataset: Dataset
  /// Who trains and who validates.
  public let folds: Folds
  /// The subjects of ``dataset``, prepared, in its order.
  public let subjects: [PreparedSubject]

  /// Reads and prepares all subjects of the data set.
  ///
  /// - Parameters:
  ///   - experiment: how they are prepared.
  ///   - dataset: the data set.
  ///   - folds: its splits.
  ///   - cache: prepared subjects to read instead; nil prepares all of them here, in memory.
  ///   - progress: called with the number of subjects read so far.
  /// - Throws: `VolumeError` in one sentence that names file and remedy.
  public init(
    _ experiment: Experiment, dataset: Dataset, folds: Folds,
    cache: PreparedCache.Filled? = nil, progress: (Int) -> Void = { _ in }
  ) throws {
    self.experiment = experiment
    self.dataset = dataset
    self.folds = folds
    subjects = try dataset.subjects.enumerated().map { index, subject in
      defer { progress(index + 1) }
      return try cache?.subject(subject) ?? PreparedSubject(subject, experiment)
    }
  }

  /// The prepared subjects that a fold trains on.
  func training(_ fold: Int) -> [PreparedSubject] {
    let names = Set(folds.splits[fold].train)
    return subjects.filter { names.contains($0.name) }
  }

  /// The places in the data set of the subjects that validate a fold.
  func validationPlaces(_ fold: Int) -> [Int] {
    let names = Set(folds.splits[fold].val)
    return subjects.indices.filter { names.contains(subjects[$0].name) }
  }
}
