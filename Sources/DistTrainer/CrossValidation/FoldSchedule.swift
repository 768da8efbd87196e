/// Which ranks train which folds: groups of P / K ranks, or a queue of folds where P < K.
///
/// By the promise that a fold's bits do not depend on its ranks, the schedule changes none.
public struct FoldSchedule: Sendable, Equatable {
  /// The folds to train, in order.
  public let folds: [Int]
  /// The number of ranks.
  public let ranks: Int

  /// A schedule of `folds` over `ranks` ranks.
  public init(folds: [Int], ranks: Int) {
    precondition(!folds.isEmpty && ranks > 0, "a schedule needs folds and ranks")
    self.folds = folds
    self.ranks = ranks
  }

  /// The number of groups that train at the same time.
  public var groupCount: Int { min(folds.count, ranks) }

  /// The group of a rank; groups are runs of ranks whose sizes differ by at most one.
  public func group(ofRank rank: Int) -> Int { rank * groupCount / ranks }

  /// The lowest rank of a group: it speaks for the group.
  public func leader(ofGroup group: Int) -> Int {
    (group * ranks + groupCount - 1) / groupCount
  }

  /// The folds that a group trains, one after another.
  public func folds(ofGroup group: Int) -> [Int] {
    folds.indices.filter { $0 % groupCount == group }.map { folds[$0] }
  }
}
