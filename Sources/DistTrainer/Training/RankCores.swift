internal import Foundation

/// How many processor cores the launcher gave this rank.
enum RankCores {
  /// The cores of this process: those it may run on, and no more than its share of the host's where
  /// ranks are not bound.
  static var count: Int {
    let info = ProcessInfo.processInfo
    return share(
      allowed: info.activeProcessorCount, online: info.processorCount,
      ranks: localRanks(in: info.environment))
  }

  /// The threads that make patches, where the configuration does not say: none without a core to
  /// spare, for two threads on one core hold each other up.
  static func feedingThreads(computeThreads: Int) -> Int { min(max(0, count - computeThreads), 2) }

  /// The cores of one of `ranks` ranks on a host.
  static func share(allowed: Int, online: Int, ranks: Int) -> Int {
    max(1, min(allowed, max(online, allowed) / max(1, ranks)))
  }

  /// The ranks on this host, where the launcher says so; else 1.
  static func localRanks(in environment: [String: String]) -> Int {
    for key in ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "MPI_LOCALNPROCS"] {
      if let ranks = environment[key].flatMap({ Int($0) }), ranks > 0 { return ranks }
    }
    return 1
  }
}
