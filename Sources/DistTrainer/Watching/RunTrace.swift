internal import Collective
internal import Foundation

/// Records what all ranks of a run do, and brings it into the run's folder.
struct RunTrace {
  private let world: any Communicator
  private let first: ClockReading

  private enum Tag {
    static let text = 1
  }

  /// Compares clocks and begins to record on every rank.
  ///
  /// Collective over `world`.
  /// - Parameters:
  ///   - world: all ranks.
  ///   - steps: how many steps each rank records.
  /// - Throws: `MPIError`.
  init(_ world: any Communicator, steps: Int) throws {
    self.world = try world.duplicate(name: "trace")
    let log = world.recorder.trace
    first = try self.world.compareClocks { log.now }
    log.start(steps: steps)
  }

  /// Ends recording, compares clocks again and writes `trace/rank_K.jsonl` for every rank, on rank 0
  /// and one after another, so that no more than one rank's trace is on its way.
  ///
  /// Collective over the ranks.
  /// - Throws: ``FileError`` on rank 0 where a file cannot be written; `MPIError`.
  func finish(in folder: RunFolder) throws {
    let log = world.recorder.trace
    let (events, dropped) = log.stop()
    let last = try world.compareClocks { log.now }
    let trace = RankTrace(
      rank: .init(
        rank: world.rank, host: ProcessInfo.processInfo.hostName,
        clock: ClockAlignment(first: first, last: last), dropped: dropped), events: events)
    guard world.rank == 0 else {
      return try world.sendArray(Array(trace.text.utf8), to: 0, tag: Tag.text)
    }
    // What an earlier call with more ranks left would be taken for this one's.
    try? FileManager.default.removeItem(atPath: folder.trace)
    try makeFolder(folder.trace)
    try Self.write(Array(trace.text.utf8), rank: 0, in: folder)
    for rank in 1..<max(1, world.size) {
      try Self.write(
        world.receiveArray(of: UInt8.self, from: rank, tag: Tag.text), rank: rank, in: folder)
    }
  }

  private static func write(_ text: [UInt8], rank: Int, in folder: RunFolder) throws {
    try AtomicFile.replace(folder.trace.appending(file: "rank_\(rank).jsonl")) {
      try $0.write(text.span)
    }
  }
}
