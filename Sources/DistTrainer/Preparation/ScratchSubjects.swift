internal import Collective
internal import Foundation

/// Prepared subjects that the ranks of a host share without a folder of the user's.
///
/// The host's ranks prepare their parts into files of a folder for temporary ones, map all of them,
/// and then remove the names: what is mapped stays for as long as it is used, and nothing is left
/// behind however the job ends. Where there is no room, subjects are held in memory by each rank.
struct ScratchSubjects {
  /// What the folders' names begin with.
  static let prefix = "segmpi-prepared-"

  let experiment: Experiment
  let host: HostRanks

  /// Prepares all subjects; collective over `world`.
  ///
  /// - Throws: `VolumeError` in one sentence that names file and remedy; on every rank the same.
  func prepare(
    _ subjects: [Subject], world: any Communicator, threads: Int
  ) throws -> [PreparedSubject] {
    let token = try world.broadcast(world.rank == 0 ? UUID().uuidString : "", root: 0)
    let folder = host.temporaryFolder.appending(file: "\(Self.prefix)\(token)-\(host.leader)")
    if host.isLeader {
      removeRemains()
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    try world.barrier()
    // Every rank has opened what it needs, or failed, when the last barrier or agreement is passed.
    defer { if host.isLeader { try? FileManager.default.removeItem(atPath: folder) } }

    // Tells the watchdog that the rank works.
    let recorder = world.recorder
    let own = Array(stride(from: host.place, to: subjects.count, by: host.count))
    let kept = try world.agree {
      try inBatches(own, threads: threads) { index, inner -> PreparedSubject? in
        recorder.beat()
        let subject = try PreparedSubject(subjects[index], experiment, threads: inner)
        do {
          try PreparedFile.write(
            subject, key: token, to: folder.appending(file: "\(index)\(PreparedFile.ending)"),
            isLasting: false)
          return nil
        } catch is FileError {
          return subject
        }
      }
    }
    let inMemory = Dictionary(uniqueKeysWithValues: zip(own, kept))
    return try world.agree {
      try inBatches(Array(subjects.indices), threads: threads) { index, inner in
        if case .some(.some(let subject)) = inMemory[index] { return subject }
        let file = folder.appending(file: "\(index)\(PreparedFile.ending)")
        return try PreparedFile.open(file, key: token, name: subjects[index].name)
          ?? PreparedSubject(subjects[index], experiment, threads: inner)
      }
    }
  }

  /// Removes folders of jobs that were killed before they could, a day old or older.
  private func removeRemains() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: host.temporaryFolder)) ?? []
    for name in names where name.hasPrefix(Self.prefix) {
      let path = host.temporaryFolder.appending(file: name)
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        attributes[.type] as? FileAttributeType == .typeDirectory,
        let changed = attributes[.modificationDate] as? Date,
        changed < Date(timeIntervalSinceNow: -86_400)
      else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}
