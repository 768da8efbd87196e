internal import Collective
internal import Foundation
internal import Synchronization

/// Sends the reports of a group to rank 0, without waiting for it: rank 0 takes them between its
/// own steps.
///
/// Reports arrive in the order in which they were made, but for states of training: a thread of
/// its own turns those into files, and they leave when they are ready.
final class RecordSender {
  private let channel: RecordChannel
  private let work = BackgroundWork(name: "segmpi.checkpoints")
  private let made = Outbox()
  private var underWay: [RecordChannel.Sending] = []

  /// A sender over a channel.
  init(_ channel: RecordChannel) { self.channel = channel }

  deinit { work.close() }

  /// Sends a report.
  func record(_ record: RunRecord) throws {
    try poll()
    try send(record)
  }

  /// Sends a report unless one like it is still on its way: whoever does not listen piles nothing up.
  func mention(_ record: RunRecord) throws {
    try poll()
    if underWay.isEmpty { try send(record) }
  }

  /// Sends a state as soon as its file is made.
  func save(_ snapshot: CheckpointSnapshot, as kind: FoldFolder.Checkpoint) throws {
    try work.submit { [made] in
      let record = RunRecord(
        kind: kind.record, fold: snapshot.fold, index: snapshot.progress.step,
        payload: try snapshot.bytes())
      made.records.withLock { $0.append(record) }
    }
  }

  /// Sends what has been made and moves what is on its way.
  func poll() throws {
    try work.check()
    try sendMade()
    try underWay.removeAll { try $0.isOver() }
  }

  /// Returns when everything has been handed to rank 0.
  func flush() throws {
    try work.finish()
    try sendMade()
    while !underWay.isEmpty {
      try poll()
      Thread.sleep(forTimeInterval: 0.0002)
    }
  }

  private func sendMade() throws {
    let records = made.records.withLock { list in
      defer { list = [] }
      return list
    }
    for record in records { try send(record) }
  }

  private func send(_ record: RunRecord) throws {
    underWay.append(try channel.startSend(record))
  }

  /// Where one thread puts what another sends.
  private final class Outbox: Sendable {
    let records = Mutex<[RunRecord]>([])
  }
}
