internal import Collective
internal import Foundation

/// Rank 0's part in dividing the work: hears every fold's reports, hands them to the writer, and
/// tells ranks what to do as the ``FoldScheduler`` decides.
final class Dispatcher: Dispatch {
  private let writer: RecordWriter
  private let orders: OrderChannel
  private let inboxes: [RecordChannel.Inbox]
  private let stop: StopRequest
  private let size: Int
  private let totalSteps: Int
  private var scheduler: FoldScheduler
  private var pace: [Int: (step: Int, since: ContinuousClock.Instant)] = [:]
  private var standings: [Int: FoldScheduler.Standing] = [:]
  private var isStopping = false
  private(set) var isDismissed = false
  /// What was decided for rank 0 itself.
  var order: Order?
  private var grant: [Int] = []
  /// Tells the operator which ranks do what.
  private let inform: (String) -> Void

  /// A dispatcher that has not begun.
  ///
  /// - Parameters:
  ///   - scheduler: decides.
  ///   - size: the number of ranks.
  ///   - totalSteps: the steps of a fold.
  ///   - writer: writes what is reported.
  ///   - orders: where orders leave.
  ///   - records: where reports arrive.
  ///   - stop: the wish to stop on rank 0.
  ///   - inform: takes a line for the operator.
  /// - Throws: `MPIError`.
  init(
    _ scheduler: FoldScheduler, size: Int, totalSteps: Int, writer: RecordWriter,
    orders: OrderChannel, records: RecordChannel, stop: StopRequest,
    inform: @escaping (String) -> Void
  ) throws {
    self.scheduler = scheduler
    self.size = size
    self.totalSteps = totalSteps
    self.writer = writer
    self.orders = orders
    self.stop = stop
    self.inform = inform
    let leaders = FoldScheduler.leaders(folds: scheduler.waiting.count, ranks: size)
    inboxes = try leaders.dropFirst().map { try RecordChannel.Inbox(records, from: $0) }
  }

  /// Gives the first folds to their ranks.
  func begin() throws {
    for assignment in scheduler.begin(ranks: size) { try train(assignment) }
    if scheduler.isOver { try dismiss() }
  }

  func record(_ record: RunRecord) throws {
    try writer.record(record)
    let fold = record.fold
    switch record.kind {
    case .began:
      pace[fold] = (record.index, .now)
      standings[fold] = FoldScheduler.Standing(remainingSteps: totalSteps - record.index)
    case .step: noteStep(record.index, of: fold)
    case .measurements, .stopped: try end(fold, isStopped: record.kind == .stopped)
    case .asksForRanks: try answer(fold)
    default: break
    }
  }

  func mention(_ record: RunRecord) throws { try self.record(record) }

  func save(_ snapshot: CheckpointSnapshot, as kind: FoldFolder.Checkpoint) throws {
    try writer.save(snapshot, as: kind)
  }

  func poll() throws {
    try writer.poll()
    for inbox in inboxes {
      while let record = try inbox.take() { try self.record(record) }
    }
    if stop.isMade { try stopAll() }
  }

  func ask(for fold: Int) throws { try record(RunRecord(kind: .asksForRanks, fold: fold)) }

  func granted() -> [Int] { grant }

  /// Writes what the others still report, until all of them have finished.
  func finish() throws {
    while inboxes.contains(where: { !$0.isClosed }) {
      try poll()
      Thread.sleep(forTimeInterval: 0.002)
    }
    try writer.flush()
  }

  /// Whether some fold was not trained to its end.
  private(set) var isIncomplete = false

  private func noteStep(_ step: Int, of fold: Int) {
    guard let began = pace[fold], step > began.step else { return }
    let seconds = began.since.duration(to: .now) / .seconds(1)
    standings[fold] = FoldScheduler.Standing(
      remainingSteps: totalSteps - step, secondsPerStep: seconds / Double(step - began.step))
  }

  private func end(_ fold: Int, isStopped: Bool) throws {
    standings[fold] = nil
    if isStopped {
      isIncomplete = true
      try stopAll()
    }
    let ranks = scheduler.training[fold] ?? []
    if let next = scheduler.ended(fold) {
      inform("fold \(fold) has ended; its \(Self.name(ranks)) take fold \(next.fold)")
      try train(next)
    } else if scheduler.isOver {
      try dismiss()
    }
  }

  private func answer(_ fold: Int) throws {
    guard let leader = scheduler.training[fold]?.first else { return }
    let joining = isStopping ? [] : scheduler.grant(to: fold, standings: standings)
    if !joining.isEmpty, let ranks = scheduler.training[fold] {
      inform("fold \(fold) is joined by \(Self.name(joining)) and has \(ranks.count) ranks now")
      // The pace is another one from here on.
      pace[fold] = standings[fold].map { (totalSteps - $0.remainingSteps, .now) }
      let assignment = FoldScheduler.Assignment(fold: fold, ranks: ranks)
      for rank in joining { try give(.join(assignment), to: rank) }
    }
    if leader == 0 { grant = joining } else { try orders.send(.grant(joining), to: leader) }
  }

  private func stopAll() throws {
    guard !isStopping, !isDismissed else { return }
    isStopping = true
    isIncomplete = isIncomplete || !scheduler.waiting.isEmpty
    stop.make()
    scheduler.stop()
    for rank in 1..<max(1, size) { try orders.send(.stop, to: rank) }
  }

  private func dismiss() throws {
    isDismissed = true
    for rank in 1..<max(1, size) { try orders.send(.dismiss, to: rank) }
  }

  private func train(_ assignment: FoldScheduler.Assignment) throws {
    for rank in assignment.ranks { try give(.train(assignment), to: rank) }
  }

  private func give(_ order: Order, to rank: Int) throws {
    if rank == 0 { self.order = order } else { try orders.send(order, to: rank) }
  }

  private static func name(_ ranks: [Int]) -> String {
    (ranks.count == 1 ? "rank " : "ranks ") + ranks.map(String.init).joined(separator: ", ")
  }
}
