internal import Collective
internal import Volumes

extension Dataset {
  /// All subjects, prepared; collective over `world`.
  ///
  /// With a folder for prepared volumes they are mapped from there, and prepared where it lacks them.
  /// Without, a rank that is alone on its host prepares them in memory, and several share temporary
  /// files (``ScratchSubjects``). The subjects have the same bits in every way.
  ///
  /// - Parameters:
  ///   - experiment: how they are prepared; nothing is left to be learned.
  ///   - world: all ranks.
  ///   - host: the ranks of this host.
  /// - Returns: the subjects in the data set's order.
  /// - Throws: an error in one sentence; on every rank the same.
  func prepared(
    _ experiment: Experiment, world: any Communicator, host: HostRanks
  ) throws -> [PreparedSubject] {
    let threads = host.threads
    if let folder = experiment.configuration.data.cache {
      let cache = try world.agree { try PreparedCache(folder, for: experiment) }
      let filled = try cache.fill(self, world: world, threads: threads)
      return try world.agree {
        try inBatches(subjects, threads: threads) { subject, _ in try filled.subject(subject) }
      }
    }
    let isShared = try world.allReduce(host.count > 1 ? 1 : 0) > 0
    if isShared {
      return try ScratchSubjects(experiment: experiment, host: host)
        .prepare(subjects, world: world, threads: threads)
    }
    return try world.agree {
      try inBatches(subjects, threads: threads) { subject, inner in
        try PreparedSubject(subject, experiment, threads: inner)
      }
    }
  }
}
