/// Votes of several segmentations on each voxel's label.
///
/// The label with the greatest sum of weights wins; of equal sums, the lowest label number, so that
/// a tie between background and a structure is background.
struct MajorityVote {
  private var ballots: [[UInt8]] = []
  private var weights: [Double] = []

  /// Adds a segmentation's labels, as many as were added before.
  mutating func add(_ labels: [UInt8], weight: Double = 1) {
    precondition(
      ballots.first.map { $0.count == labels.count } ?? true, "ballots are of one length")
    ballots.append(labels)
    weights.append(weight)
  }

  /// The winners.
  ///
  /// - Complexity: O(voxels · segmentations).
  func winners() -> [UInt8] {
    guard var result = ballots.first else { return [] }
    // Most voxels are agreed on, and need no count.
    var isContested = [Bool](repeating: false, count: result.count)
    for ballot in ballots.dropFirst() {
      var contested = isContested.mutableSpan
      let (mine, first) = (ballot.span, result.span)
      for voxel in mine.indices where mine[voxel] != first[voxel] { contested[voxel] = true }
    }
    var sums = [Double](repeating: 0, count: 256)
    for voxel in result.indices where isContested[voxel] {
      for (ballot, weight) in zip(ballots, weights) { sums[Int(ballot[voxel])] += weight }
      var winner = result[voxel]
      for ballot in ballots {
        let label = ballot[voxel]
        let (mine, best) = (sums[Int(label)], sums[Int(winner)])
        if mine > best || (mine == best && label < winner) { winner = label }
      }
      for ballot in ballots { sums[Int(ballot[voxel])] = 0 }
      result[voxel] = winner
    }
    return result
  }
}
