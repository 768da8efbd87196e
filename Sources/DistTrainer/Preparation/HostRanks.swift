internal import Collective
internal import Foundation

/// The ranks of a job by the hosts that they run on.
struct HostRanks: Sendable {
  /// This rank's place among the ranks of its host.
  let place: Int
  /// The ranks of this host.
  let count: Int
  /// The lowest rank of this host, in the job.
  let leader: Int
  /// The folder for temporary files that this host's lowest rank knows.
  let temporaryFolder: String

  /// Whether this is its host's lowest rank.
  var isLeader: Bool { place == 0 }

  /// How many threads a rank may use before training begins: the cores that the launcher bound it
  /// to, or else its part of the host's.
  ///
  /// Nothing that is prepared depends on it.
  var threads: Int {
    let (allowed, all) = (
      ProcessInfo.processInfo.activeProcessorCount, ProcessInfo.processInfo.processorCount
    )
    return max(1, allowed < all ? allowed : all / count)
  }
}

extension HostRanks {
  /// Asks all ranks where they run; collective over `world`.
  init(_ world: any Communicator) throws {
    let own =
      "\(ProcessInfo.processInfo.hostName)\t\(FileManager.default.temporaryDirectory.path)"
    let texts = try world.gatherTexts(own)
    let all = try world.broadcast((texts ?? []).joined(separator: "\n"), root: 0)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false) }
    let mine = all[world.rank][0]
    let members = all.indices.filter { all[$0][0] == mine }
    place = members.firstIndex(of: world.rank) ?? 0
    count = members.count
    leader = members[0]
    temporaryFolder = String(all[leader].last ?? "")
  }
}
