internal import CounterRandom

extension Folds {
  /// Deals groups to folds; see ``init(of:_:)`` for what holds of the result.
  ///
  /// Stratum by stratum: the groups are shuffled, ordered by falling size (equal sizes stay
  /// shuffled) and dealt in rounds in which every fold receives one group, the fold with the fewest
  /// groups first, of those the one with the fewest subjects. Full rounds keep strata even; the
  /// order within a round keeps groups and subjects even over strata.
  ///
  /// - Complexity: O(groups · (log groups + count)).
  static func dealt(_ groups: [SubjectGroup], count: Int, seed: UInt64) -> [String: Int] {
    var groupsIn = [Int](repeating: 0, count: count)
    var subjectsIn = [Int](repeating: 0, count: count)
    var assignment: [String: Int] = [:]
    let strata = Dictionary(grouping: groups, by: \.stratum)
    for (stratum, members) in strata.sorted(by: { $0.key.precedes($1.key) }) {
      // The stream is named by the stratum, so that adding a stratum shuffles no other.
      var random = RandomStream(seed: seed, "folds/\(stratum)")
      let shuffled = members.sorted { $0.name.precedes($1.name) }.shuffled(using: &random)
      let ordered = shuffled.enumerated().sorted {
        let (left, right) = ($0.element.subjects.count, $1.element.subjects.count)
        return left == right ? $0.offset < $1.offset : left > right
      }.map(\.element)
      var waiting: [Int] = []
      for group in ordered {
        if waiting.isEmpty { waiting = Array(0..<count) }
        let next = waiting.indices.min {
          let (left, right) = (waiting[$0], waiting[$1])
          return (groupsIn[left], subjectsIn[left], left)
            < (groupsIn[right], subjectsIn[right], right)
        }
        guard let next else { continue }
        let fold = waiting.remove(at: next)
        groupsIn[fold] += 1
        subjectsIn[fold] += group.subjects.count
        for subject in group.subjects { assignment[subject] = fold }
      }
    }
    return assignment
  }
}
