public import Collective
internal import Foundation
internal import Volumes

/// Prepared subjects kept in a folder, one file a subject, so that they are prepared once.
///
/// A file is named after its subject and a key: the SHA-256 of the source files' bytes, of all
/// settings of preparation, of channels and labels, and of the format's version. What changes gets
/// another key and is prepared anew; files of other keys stay, since other experiments may use
/// them, until ``prune(_:unusedFor:)``.
public struct PreparedCache: Sendable {
  /// The folder.
  public let folder: String
  private let experiment: Experiment
  private let settings: String

  /// The cache of an experiment in a folder, which need not exist yet.
  ///
  /// - Throws: `EncodingError` for settings that are not finite.
  public init(_ folder: String, for experiment: Experiment) throws {
    self.folder = folder
    self.experiment = experiment
    let preparation = try ConfigurationNode(encoding: experiment.configuration.preparation).yaml
    let labels = experiment.labels.map { "\($0.number)" }.joined(separator: ",")
    settings = "\(PreparedFile.format)\n\(preparation)\n\(experiment.channels) channels\n\(labels)"
  }

  /// What ``fill(_:world:threads:progress:)`` did.
  public struct Filled: Sendable {
    /// Subjects that were prepared in this call.
    public let prepared: Int
    /// All subjects.
    public let total: Int
    let keys: [String: String]
    let cache: PreparedCache

    /// A subject of the data set, from its file; prepared in memory where this host cannot see
    /// the file.
    func subject(_ subject: Subject) throws -> PreparedSubject {
      if let key = keys[subject.name],
        let kept = PreparedFile.open(
          cache.path(of: subject, key: key), key: key, name: subject.name)
      {
        return kept
      }
      return try PreparedSubject(subject, cache.experiment)
    }
  }

  /// Prepares what the folder lacks, the subjects dealt to the ranks and their threads.
  ///
  /// Collective over `world`. A file that is there is compared with its checksum by the rank that the
  /// subject is dealt to.
  ///
  /// - Parameters:
  ///   - dataset: the subjects.
  ///   - world: all ranks.
  ///   - threads: how many each rank uses.
  ///   - progress: called on each rank with the number of its subjects done so far, and of all its
  ///     subjects.
  /// - Returns: where every subject's file is.
  /// - Throws: `VolumeError` in one sentence that names file and remedy, ``FileError`` where the
  ///   folder cannot be written; on every rank the same.
  public func fill(
    _ dataset: Dataset, world: any Communicator, threads: Int = 1,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Filled {
    let own = stride(from: world.rank, to: dataset.subjects.count, by: world.size)
      .map { dataset.subjects[$0] }
    var prepared = 0
    // Tells the watchdog that the rank works.
    let recorder = world.recorder
    let keys = try world.agree {
      try makeFolder(folder, remedy: "name another in data.cache")
      removeRemains()
      return try inBatches(own, threads: threads, progress: progress) { subject, inner in
        recorder.beat()
        return try keep(subject, threads: inner)
      }.map { key, isNew in
        prepared += isNew ? 1 : 0
        return key
      }
    }
    let texts = try world.gatherTexts(keys.joined(separator: "\n"))
    let all = try world.broadcast((texts ?? []).joined(separator: "\n\n"), root: 0)
    var byName: [String: String] = [:]
    let ranks = all.split(separator: "\n\n", omittingEmptySubsequences: false)
    for (rank, keys) in ranks.enumerated() {
      for (index, key) in keys.split(separator: "\n").enumerated() {
        byName[dataset.subjects[rank + index * world.size].name] = String(key)
      }
    }
    return Filled(
      prepared: try world.allReduce(prepared), total: dataset.subjects.count, keys: byName,
      cache: self)
  }

  /// Sees that a subject's file is there and whole; gives its key, and whether it had to be made.
  private func keep(_ subject: Subject, threads: Int) throws -> (key: String, isNew: Bool) {
    let files = try parts(of: subject)
    let before = files.map(FileStamp.init)
    let key = try key(of: subject, files)
    let path = path(of: subject, key: key)
    if PreparedFile.open(path, key: key, name: subject.name, verifies: true) != nil {
      // What is used is young: pruning goes by the time of the last change.
      touchFile(path)
      return (key, false)
    }
    let prepared = try PreparedSubject(subject, experiment, threads: threads)
    let after = files.map(FileStamp.init)
    if let changed = zip(files, zip(before, after)).first(where: { $1.0 != $1.1 }) {
      throw FileError(
        path: changed.0,
        description: "\(changed.0) was written to while it was being prepared: wait until its "
          + "writer is done, and start again.")
    }
    try PreparedFile.write(prepared, key: key, to: path)
    return (key, true)
  }

  /// The files of a subject, with those that its headers name and its folders hold.
  private func parts(of subject: Subject) throws -> [String] {
    try (subject.images + [subject.label]).flatMap { try VolumeFiles.parts(of: $0) }
  }

  /// The key of a subject's files under these settings, 64 hexadecimal digits.
  func key(of subject: Subject) throws -> String { try key(of: subject, parts(of: subject)) }

  private func key(of subject: Subject, _ files: [String]) throws -> String {
    var digest = SHA256()
    digest.update(Array(settings.utf8).span)
    for (value, label) in subject.labelMap.sorted(by: { $0.key < $1.key }) {
      digest.update(Array("\n\(value) is \(label)".utf8).span)
    }
    for path in files {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw FileError(
          path: path,
          description: "\(path) cannot be read: mend the path or its permissions.")
      }
      var one = SHA256()
      one.update([UInt8](data).span)
      // A digest for each file, so that bytes cannot wander from one file to the next unseen.
      digest.update(Array("\n\(one.finalized())".utf8).span)
    }
    return digest.finalized()
  }

  private func path(of subject: Subject, key: String) -> String {
    folder.appending(file: "\(subject.name)-\(key.prefix(16))\(PreparedFile.ending)")
  }
}

/// The results of `body` for all of `items`, in order, by several threads; `progress` is told on the
/// calling thread. `body` is also given the threads that it may use itself.
func inBatches<Item: Sendable, Result: Sendable>(
  _ items: [Item], threads: Int, progress: (Int, Int) -> Void = { _, _ in },
  _ body: @Sendable (Item, Int) throws -> Result
) throws -> [Result] {
  let inner = max(1, threads / max(1, items.count))
  var results: [Result] = []
  let step = threads > 1 ? 4 * threads : 1
  for start in stride(from: 0, to: items.count, by: step) {
    let batch = items[start..<min(items.count, start + step)]
    results += try ParallelLoop.map(batch.count, threads: threads) { index in
      try body(items[start + index], inner)
    }
    progress(results.count, items.count)
  }
  return results
}
