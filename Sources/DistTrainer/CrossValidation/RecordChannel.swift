internal import Collective

/// Reports on their way through a communicator of their own.
final class RecordChannel {
  private enum Tag {
    static let header = 1
    static let payload = 2
  }

  private let communicator: any Communicator

  init(_ communicator: any Communicator) { self.communicator = communicator }

  /// Begins to send a report to rank 0.
  func startSend(_ record: RunRecord) throws -> Sending { try Sending(record, communicator) }

  /// A report on its way to rank 0.
  final class Sending {
    private let header: Request<Int64>
    private var payload: Request<UInt8>?

    fileprivate init(_ record: RunRecord, _ communicator: any Communicator) throws {
      header = try communicator.startSend(
        WireBuffer(copying: record.header.span), to: 0, tag: Tag.header)
      guard !record.payload.isEmpty else { return }
      payload = try communicator.startSend(
        WireBuffer(copying: record.payload.span), to: 0, tag: Tag.payload)
    }

    /// Whether it has been handed over.
    func isOver() throws -> Bool {
      guard try header.test() else { return false }
      guard let request = payload.take() else { return true }
      guard try !request.test() else { return true }
      payload = consume request
      return false
    }
  }

  /// The reports of one rank, as rank 0 receives them.
  final class Inbox {
    private let communicator: any Communicator
    private let source: Int
    private var header: Request<Int64>?
    /// The report whose payload is on its way.
    private var arriving: RunRecord?
    private var payload: Request<UInt8>?

    init(_ channel: RecordChannel, from source: Int) throws {
      communicator = channel.communicator
      self.source = source
      try listen()
    }

    /// Whether the sender has finished.
    private(set) var isClosed = false

    /// The next report, if one has arrived.
    func take() throws -> RunRecord? {
      if let request = payload.take() {
        guard try request.test() else {
          payload = consume request
          return nil
        }
        guard var record = arriving else { preconditionFailure("a payload without its report") }
        arriving = nil
        record.payload = try request.wait().array
        try listen()
        return record
      }
      guard !isClosed, let request = header.take() else { return nil }
      guard try request.test() else {
        header = consume request
        return nil
      }
      let numbers = try request.wait().array
      guard let kind = RunRecord.Kind(rawValue: numbers[0]) else {
        preconditionFailure("rank \(source) sent a report of an unknown kind")
      }
      var record = RunRecord(kind: kind, fold: Int(numbers[1]), index: Int(numbers[2]))
      record.figures = numbers[4...].map { Double(bitPattern: UInt64(bitPattern: $0)) }
      guard numbers[3] == 0 else {
        arriving = record
        payload = try communicator.startReceive(
          into: WireBuffer(count: Int(numbers[3])), from: source, tag: Tag.payload)
        return try take()
      }
      if kind == .finished { isClosed = true } else { try listen() }
      return record
    }

    private func listen() throws {
      header = try communicator.startReceive(
        into: WireBuffer(count: RunRecord.headerCount), from: source, tag: Tag.header)
    }
  }
}
