internal import Collective

/// Reports on their way through a communicator of their own.
final class RecordChannel {
  private enum Tag {
    static let header = 1
    static let payload = 2
  }

  private let communicator: any Communicator

  init(_ communicator: any Communicator) { self.communicator = communicator }

  func send(_ record: RunRecord) throws {
    try communicator.send(record.header.span, to: 0, tag: Tag.header)
    if !record.payload.isEmpty {
      try communicator.send(record.payload.span, to: 0, tag: Tag.payload)
    }
  }

  /// Begins to send a report without a payload.
  func startSend(_ record: RunRecord) throws -> Request<Int64> {
    precondition(record.payload.isEmpty, "a report that may be lost is one message")
    return try communicator.startSend(
      WireBuffer(copying: record.header.span), to: 0, tag: Tag.header)
  }

  /// The reports of one rank, as rank 0 receives them.
  final class Inbox {
    private let communicator: any Communicator
    private let source: Int
    private var next: Request<Int64>?

    init(_ channel: RecordChannel, from source: Int) throws {
      communicator = channel.communicator
      self.source = source
      try listen()
    }

    /// Whether the sender has finished.
    private(set) var isClosed = false

    /// The next report, if one has arrived; with `waiting`, the next one there will be.
    func take(waiting: Bool) throws -> RunRecord? {
      guard !isClosed, let request = next.take() else { return nil }
      guard try waiting || request.test() else {
        next = consume request
        return nil
      }
      let header = try request.wait().array
      guard let kind = RunRecord.Kind(rawValue: header[0]) else {
        preconditionFailure("rank \(source) sent a report of an unknown kind")
      }
      var record = RunRecord(kind: kind, fold: Int(header[1]), index: Int(header[2]))
      record.figures = header[4...].map { Double(bitPattern: UInt64(bitPattern: $0)) }
      if header[3] > 0 {
        record.payload = [UInt8](repeating: 0, count: Int(header[3]))
        var span = record.payload.mutableSpan
        try communicator.receive(into: &span, from: source, tag: Tag.payload)
      }
      if kind == .finished { isClosed = true } else { try listen() }
      return record
    }

    private func listen() throws {
      next = try communicator.startReceive(
        into: WireBuffer(count: RunRecord.headerCount), from: source, tag: Tag.header)
    }
  }
}
