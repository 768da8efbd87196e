internal import Collective
internal import Foundation

/// How a rank learns what to do next, and reports what it did.
///
/// Rank 0 decides (``Dispatcher``), the others ask it (``DispatchedRank``). No rank waits for
/// another's step: rank 0 attends to the others between its own steps, and a fold that wants more
/// ranks asks for them one step before it can take them.
protocol Dispatch: RecordSink {
  /// What is to be done next, once it is known.
  var order: Order? { get set }
  /// Whether there is nothing more to do.
  var isDismissed: Bool { get }
  /// Asks for ranks that have nothing to do; by the first rank of a fold.
  func ask(for fold: Int) throws
  /// Waits for the ranks that were asked for; none where the fold keeps to itself.
  func granted() throws -> [Int]
  /// Reports that nothing more will be said, once ``next()`` has returned nil.
  func finish() throws
}

extension Dispatch {
  /// Waits for the next thing to do; nil when there is nothing more.
  func next() throws -> Order? {
    while order == nil, !isDismissed {
      try poll()
      if order == nil, !isDismissed { Thread.sleep(forTimeInterval: 0.002) }
    }
    return order.take()
  }
}

/// A rank other than 0.
final class DispatchedRank: Dispatch {
  private let inbox: OrderChannel.Inbox
  /// For a rank that may speak for others; nil for the rest.
  private let sender: RecordSender?
  private let stop: StopRequest
  var order: Order?
  private(set) var isDismissed = false
  private var grant: [Int]?

  /// A rank that hears from rank 0 over `orders`.
  init(orders: OrderChannel, sender: RecordSender?, stop: StopRequest) throws {
    inbox = try OrderChannel.Inbox(orders)
    self.sender = sender
    self.stop = stop
  }

  func record(_ record: RunRecord) throws {
    // What ends a fold comes after its checkpoints.
    if [.measurements, .stopped].contains(record.kind) { try sender?.flush() }
    try sender?.record(record)
  }

  func mention(_ record: RunRecord) throws { try sender?.mention(record) }

  func save(_ snapshot: CheckpointSnapshot, as kind: FoldFolder.Checkpoint) throws {
    try sender?.save(snapshot, as: kind)
  }

  func poll() throws {
    try sender?.poll()
    while let order = try inbox.take() {
      switch order {
      case .train, .join: self.order = order
      case .grant(let ranks): grant = ranks
      case .stop: stop.make()
      case .dismiss: isDismissed = true
      }
    }
  }

  func ask(for fold: Int) throws {
    grant = nil
    try record(RunRecord(kind: .asksForRanks, fold: fold))
  }

  func granted() throws -> [Int] {
    while true {
      if let ranks = grant.take() { return ranks }
      try poll()
      if grant == nil { Thread.sleep(forTimeInterval: 0.0002) }
    }
  }

  func finish() throws {
    try sender?.record(RunRecord(kind: .finished, fold: 0))
    try sender?.flush()
  }
}
