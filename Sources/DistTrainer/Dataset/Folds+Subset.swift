internal import CounterRandom

extension Folds {
  /// Leaves each fold a part of its training groups, for curves of accuracy over the number of
  /// subjects.
  ///
  /// Groups have one order for all sizes and folds, and a subset is the beginning of it: a smaller
  /// subset lies within a larger one, and every beginning holds strata in their proportions, each
  /// within one group.
  ///
  /// - Parameters:
  ///   - subset: a part above 0 and up to 1, or a number of groups from 2 on.
  ///   - groups: the groups of all subjects.
  ///   - seed: of the order.
  /// - Throws: ``FoldsError`` for more groups than a fold trains on.
  mutating func limit(
    to subset: Double, of groups: [SubjectGroup], seed: UInt64
  ) throws(FoldsError) {
    let shuffled = Self.shuffled(groups, seed: seed)
    for fold in splits.indices {
      let training = Set(splits[fold].train)
      let members = shuffled.filter { training.contains($0.subjects[0]) }
      let order = Self.interleaved(members)
      // A part of nothing is one group still.
      let count = subset <= 1 ? max(1, (subset * Double(order.count)).rounded()) : subset
      guard count <= Double(order.count) else {
        throw FoldsError([
          "data.subset asks for \(Int(count)) groups, but fold \(fold) trains on \(order.count): "
            + "lower it, or take more folds."
        ])
      }
      let kept = Set(order.prefix(Int(count)).flatMap(\.subjects))
      splits[fold].train = splits[fold].train.filter { kept.contains($0) }
      notices.append(
        "Fold \(fold) trains on \(Int(count)) of \(order.count) groups, as data.subset says.")
    }
  }

  /// The groups in an order that depends on the seed and their names alone.
  private static func shuffled(_ groups: [SubjectGroup], seed: UInt64) -> [SubjectGroup] {
    let strata = Dictionary(grouping: groups, by: \.stratum)
    return strata.sorted { $0.key.precedes($1.key) }.flatMap { stratum, members in
      var random = RandomStream(seed: seed, "subset/\(stratum)")
      return members.sorted { $0.name.precedes($1.name) }.shuffled(using: &random)
    }
  }

  /// The groups so that every stratum is spread evenly from first to last.
  ///
  /// Member i of a stratum of n stands at (i + 1/2) / n; equal places go by stratum.
  private static func interleaved(_ groups: [SubjectGroup]) -> [SubjectGroup] {
    let strata = Dictionary(grouping: groups, by: \.stratum)
    let placed = strata.flatMap { stratum, members in
      members.enumerated().map { index, group in
        (place: (Double(index) + 0.5) / Double(members.count), stratum: stratum, group: group)
      }
    }
    return placed.sorted {
      $0.place != $1.place ? $0.place < $1.place : $0.stratum.precedes($1.stratum)
    }.map(\.group)
  }
}
