/// Which ranks train which fold, decided as folds end: rank 0 asks it, and tells the others.
///
/// Folds begin in order, as many side by side as there are ranks; the others wait in a queue. A
/// group whose fold ended takes the next of the queue. When the queue is empty its ranks are free,
/// and the fold that has most to do for each of its ranks gets them at the end of an epoch, as far
/// as they make its steps shorter. By the promise that a fold's bits do not depend on its ranks,
/// none of this changes any.
struct FoldScheduler: Equatable {
  /// What ranks are to do.
  struct Assignment: Equatable {
    /// The fold that they train.
    var fold: Int
    /// The ranks that share it, of which the first speaks for them.
    var ranks: [Int]
  }

  /// How a fold's training stands, for decisions.
  struct Standing: Equatable {
    /// The steps that are left.
    var remainingSteps: Int
    /// What a step has taken so far, in seconds; 0 where that is not known.
    var secondsPerStep = 0.0
  }

  /// The folds that nobody has begun, in order.
  private(set) var waiting: [Int]
  /// The folds under way, and their ranks.
  private(set) var training: [Int: [Int]] = [:]
  /// The ranks without a fold.
  private(set) var free: [Int] = []
  private let shards: Int
  private let minimumGain: Double
  private let isElastic: Bool

  /// A schedule that has not begun.
  ///
  /// - Parameters:
  ///   - folds: the folds to train, in order.
  ///   - shards: the shards of a step, of which a rank computes at least one.
  ///   - minimumGain: as in ``RunTuning``.
  ///   - isElastic: whether free ranks join folds under way.
  init(
    folds: [Int], shards: Int, minimumGain: Double = RunTuning().minimumGain,
    isElastic: Bool = true
  ) {
    waiting = folds
    self.shards = shards
    self.minimumGain = minimumGain
    self.isElastic = isElastic
  }

  /// Whether every fold has ended.
  var isOver: Bool { waiting.isEmpty && training.isEmpty }

  /// Divides the ranks among the first folds, in runs whose sizes differ by at most one.
  mutating func begin(ranks: Int) -> [Assignment] {
    let leaders = Self.leaders(folds: waiting.count, ranks: ranks)
    let assignments = leaders.indices.map { group in
      let end = group + 1 < leaders.count ? leaders[group + 1] : ranks
      return Assignment(fold: waiting[group], ranks: Array(leaders[group]..<end))
    }
    waiting.removeFirst(leaders.count)
    for one in assignments { training[one.fold] = one.ranks }
    return assignments
  }

  /// The first ranks of the groups that ``begin(ranks:)`` makes; no others will ever speak for a
  /// fold, since ranks that join stand behind those they join.
  static func leaders(folds: Int, ranks: Int) -> [Int] {
    let groups = min(folds, ranks)
    return (0..<groups).map { ($0 * ranks + groups - 1) / groups }
  }

  /// Takes note that a fold has ended.
  ///
  /// - Returns: what its ranks do next; nil where they are free now.
  mutating func ended(_ fold: Int) -> Assignment? {
    guard let ranks = training.removeValue(forKey: fold) else {
      preconditionFailure("fold \(fold) ended but was not under way")
    }
    guard !waiting.isEmpty else {
      free = (free + ranks).sorted()
      return nil
    }
    let next = waiting.removeFirst()
    training[next] = ranks
    return Assignment(fold: next, ranks: ranks)
  }

  /// Takes note that nothing is trained any more beyond the steps under way: no fold begins.
  mutating func stop() { waiting = [] }

  /// Gives free ranks to a fold that has come to the end of an epoch.
  ///
  /// - Parameters:
  ///   - fold: the fold that asks.
  ///   - standings: how the folds under way stand; a fold without one has just begun.
  /// - Returns: the ranks that join it; none where another needs them more or they would not help.
  mutating func grant(to fold: Int, standings: [Int: Standing]) -> [Int] {
    guard isElastic, let ranks = training[fold], !free.isEmpty else { return [] }
    let neediest = training.keys.filter { useful($0) > 0 }.max { a, b in
      (work(a, standings), b) < (work(b, standings), a)
    }
    guard neediest == fold else { return [] }
    let count = useful(fold)
    if let standing = standings[fold] {
      let saved =
        Double(standing.remainingSteps) * standing.secondsPerStep
        * (1 - Double(load(ranks.count + count)) / Double(load(ranks.count)))
      guard saved >= minimumGain else { return [] }
    }
    let joining = Array(free.prefix(count))
    free.removeFirst(count)
    training[fold] = ranks + joining
    return joining
  }

  /// The shards of the rank that has most of them: what a step takes.
  private func load(_ ranks: Int) -> Int { (shards + ranks - 1) / ranks }

  /// How many of the free ranks shorten a fold's steps as far as they can.
  private func useful(_ fold: Int) -> Int {
    let count = training[fold]?.count ?? 0
    let best = load(count + free.count)
    guard best < load(count) else { return 0 }
    return (0...free.count).first { load(count + $0) == best } ?? 0
  }

  /// What a fold's busiest rank has still to do, in shards.
  private func work(_ fold: Int, _ standings: [Int: Standing]) -> Int {
    guard let standing = standings[fold] else { return .max }
    return standing.remainingSteps * load(training[fold]?.count ?? 1)
  }
}
