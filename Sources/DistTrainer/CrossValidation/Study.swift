internal import Collective

/// A cross-validation about to run: the experiment, its subjects and how they fall into folds.
public struct Study: Sendable {
  /// The experiment as it is configured.
  public let experiment: Experiment
  /// The data set.
  public let dataset: Dataset
  /// Who trains and who validates.
  public let folds: Folds
  /// The subjects of ``dataset``, prepared, in its order, where all folds share them.
  private let shared: [PreparedSubject]
  /// What folds have for themselves, where their preparation was learned.
  private let own: [Int: (experiment: Experiment, subjects: [PreparedSubject])]
  /// The experiments of folds whose loss took its class weights from their subjects.
  var weighted: [Int: Experiment] = [:]
  /// The weights of files that folds begin with.
  var transfers: [Int: WeightTransfer] = [:]

  /// Reads and prepares all subjects of the data set; where the preparation is learned, for each of
  /// the folds that will be trained. Collective over `world`.
  ///
  /// - Parameters:
  ///   - experiment: how they are prepared.
  ///   - dataset: the data set.
  ///   - folds: its splits.
  ///   - selected: the folds that will be trained.
  ///   - world: all ranks.
  /// - Throws: `VolumeError` in one sentence that names file and remedy.
  init(
    _ experiment: Experiment, dataset: Dataset, folds: Folds, selected: [Int],
    world: any Communicator
  ) throws {
    self.experiment = experiment
    self.dataset = dataset
    self.folds = folds
    let host = try HostRanks(world)
    let learned = try experiment.learned(
      for: selected, of: folds, dataset, world: world, threads: host.threads)
    var own: [Int: (Experiment, [PreparedSubject])] = [:]
    for (fold, changed) in learned.sorted(by: { $0.key < $1.key }) {
      own[fold] = (changed, try dataset.prepared(changed, world: world, host: host))
    }
    shared =
      learned.isEmpty ? try dataset.prepared(experiment, world: world, host: host) : []
    self.own = own
  }

  /// Whether folds have prepared volumes of their own.
  var hasOwnVolumes: Bool { !own.isEmpty }

  /// The experiment of a fold: as configured, with what its preparation has learned.
  func experiment(of fold: Int) -> Experiment {
    weighted[fold] ?? own[fold]?.experiment ?? experiment
  }

  /// The subjects of the data set as a fold sees them, prepared, in the data set's order.
  func subjects(of fold: Int) -> [PreparedSubject] { own[fold]?.subjects ?? shared }

  /// The prepared subjects that a fold trains on.
  func training(_ fold: Int) -> [PreparedSubject] {
    let names = Set(folds.splits[fold].train)
    return subjects(of: fold).filter { names.contains($0.name) }
  }

  /// The places in the data set of the subjects that validate a fold.
  func validationPlaces(_ fold: Int) -> [Int] { places(of: folds.splits[fold].val) }

  /// The places in the data set of the subjects whose metrics are a fold's result: its test
  /// subjects, or those that validate it.
  func measuredPlaces(_ fold: Int) -> [Int] { places(of: folds.splits[fold].measured) }

  private func places(of names: [String]) -> [Int] {
    let names = Set(names)
    return dataset.subjects.indices.filter { names.contains(dataset.subjects[$0].name) }
  }
}
