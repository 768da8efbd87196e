import Testing
import Volumes

@testable import DistTrainer

@Suite("Votes of models")
struct VotingTests {
  static let ballots: [[UInt8]] = [(7919, 101), (104_729, 97), (1_299_709, 89), (15_485_863, 83)]
    .map { factor, modulus in (0..<2000).map { UInt8($0 * factor % modulus % 4) } }

  // i = np.arange(2000); b = np.stack([(i*7919%101)%4, (i*104729%97)%4, (i*1299709%89)%4,
  //                                    (i*15485863%83)%4])
  // SciPy 1.17.1: m = scipy.stats.mode(b, axis=0).mode, which takes the lowest of several modes;
  // weighted: m = np.stack([((b == k) * w[:, None]).sum(0) for k in range(4)]).argmax(0)
  // then np.bincount(m), (i * m).sum()
  @Test(
    "the majority is the mode, the lowest of several",
    arguments: [
      ([1.0, 1, 1, 1], [752, 455, 414, 379], 2_419_631),
      ([2.0, 1, 1, 1.5], [576, 502, 477, 445], 2_800_774),
    ])
  func majority(weights: [Double], counts: [Int], signature: Int) {
    var vote = MajorityVote()
    for (ballot, weight) in zip(Self.ballots, weights) { vote.add(ballot, weight: weight) }
    let winners = vote.winners()
    #expect((0..<4).map { label in winners.count { $0 == label } } == counts)
    #expect(winners.indices.reduce(0) { $0 + $1 * Int(winners[$1]) } == signature)
  }

  @Test("ties go to the lowest label in whatever order the models come")
  func ties() {
    for order in [[3, 1, 2], [2, 3, 1], [1, 2, 3]] {
      var vote = MajorityVote()
      for label in order { vote.add([UInt8(label), 0, 5]) }
      #expect(vote.winners() == [1, 0, 5])
    }
    var weighted = MajorityVote()
    weighted.add([3], weight: 2)
    weighted.add([1])
    weighted.add([1])
    #expect(weighted.winners() == [1])
  }

  @Test("a mean is weighted, and of one array is that array")
  func mean() {
    var mean = ProbabilityMean()
    mean.add([0.1, 0.7, 0.3])
    #expect(mean.mean() == [0.1, 0.7, 0.3])
    var weighted = ProbabilityMean()
    weighted.add([1, 0, 0.5], weight: 3)
    weighted.add([0, 1, 0.5], weight: 1)
    #expect(weighted.mean() == [0.75, 0.25, 0.5])
  }

  @Test("the winner is the largest channel, the lower of equals")
  func winners() {
    let volume = Volume(
      voxels: [0.5, 0.2, 0.25, 0.5, 0.4, 0.25, 0, 0.4, 0.5], channels: 3,
      geometry: Geometry(shape: [1, 1, 3]))
    #expect(volume.winners.voxels == [0, 1, 2])
  }
}
