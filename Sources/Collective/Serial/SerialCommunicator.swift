/// The only rank of a group of one: no MPI, no threads, every collective a copy at most.
///
/// The same code thus trains alone, in a debugger or under `mpirun`.
public final class SerialCommunicator: Communicator {
  /// See ``Communicator/name``.
  public let name: String
  /// Always 0.
  public var rank: Int { 0 }
  /// Always 1.
  public var size: Int { 1 }
  /// None.
  public var library: String? { nil }
  /// See ``Communicator/flight``; the only rank never waits.
  public let flight: FlightRecorder.Lane

  // Messages of the rank to itself that it has not received yet.
  private let mail = PostOffice(patienceSeconds: 0)

  /// A group of one.
  public init(name: String = "serial") {
    self.name = name
    flight = FlightRecorder().lane(of: name)
  }

  /// See ``Communicator/split(color:key:name:)``.
  public func split(color: Int?, key: Int, name: String) -> (any Communicator)? {
    color == nil ? nil : SerialCommunicator(name: name)
  }

  /// See ``Communicator/group(of:name:)``.
  public func group(of ranks: [Int], name: String) throws -> any Communicator {
    try check(members: ranks, operation: "group")
    return SerialCommunicator(name: name)
  }

  /// Does nothing: there is nothing to give back.
  public func free() {}

  /// Returns at once.
  public func barrier() {}

  /// Does nothing.
  public func broadcast(bytes: inout MutableRawSpan, root: Int) throws {
    try check(root: root, operation: "broadcast")
  }

  /// Copies.
  public func reduce(
    bytes: RawSpan, into result: inout MutableRawSpan, of type: WireType, by reduction: Reduction,
    root: Int
  ) throws {
    try check(root: root, operation: "reduce")
    result.copy(bytes)
  }

  /// Does nothing.
  public func allReduce(
    bytes: inout MutableRawSpan, of type: WireType, by reduction: Reduction
  ) {}

  /// Copies.
  public func gather(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "gather")
    result.copy(bytes)
  }

  /// Does nothing.
  public func allGather(bytes: inout MutableRawSpan, blocks: Blocks) {}

  /// Copies.
  public func scatter(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "scatter")
    result.copy(bytes)
  }

  /// Copies.
  public func allToAll(
    bytes: RawSpan, blocks: Blocks, into result: inout MutableRawSpan, received: Blocks
  ) {
    result.copy(bytes)
  }

  /// Keeps the message until the rank receives it.
  public func send(bytes: RawSpan, to destination: Int, tag: Int) throws {
    try check(peer: destination, tag: tag, operation: "send")
    mail.post([UInt8](copying: bytes), to: mailbox(tag))
  }

  /// Takes the oldest message of the rank to itself; throws if there is none, for none can come.
  public func receive(bytes: inout MutableRawSpan, from source: Int, tag: Int) throws {
    try check(peer: source, tag: tag, operation: "receive")
    guard let message = mail.take(from: mailbox(tag)) else {
      throw failure(.peer, "the only rank waits for a message that it did not send", "receive")
    }
    try check(
      received: message.count, expected: bytes.byteCount, from: source, operation: "receive")
    unsafe bytes.copy(message.span.bytes)
  }

  /// Copies.
  public func sendReceive(
    bytes: RawSpan, to destination: Int, into result: inout MutableRawSpan, from source: Int,
    tag: Int
  ) throws {
    try send(bytes: bytes, to: destination, tag: tag)
    try receive(bytes: &result, from: source, tag: tag)
  }

  /// See ``Communicator/probe(tag:)``; throws if there is no message, for none can come.
  public func probe(tag: Int) throws -> Int {
    try check(peer: 0, tag: tag, operation: "probe")
    guard mail.wait(forAnyOf: [mailbox(tag)]) != nil else {
      throw failure(.peer, "the only rank waits for a message that it did not send", "probe")
    }
    return 0
  }

  /// Memory of its own.
  public func shareMemory(byteCount: Int, signalCount: Int) -> SharedMemory? {
    SharedMemory(privately: [byteCount], signalCount: signalCount)
  }

  /// See ``Communicator/start(_:on:)``. A receive takes place when it is waited for.
  public func start(
    _ operation: NonblockingOperation, on storage: WireStorage
  ) throws -> any PendingOperation {
    switch operation {
    case .send(let destination, let tag):
      try storage.withMutableBytes { try send(bytes: $0.bytes, to: destination, tag: tag) }
    case .receive(let source, let tag):
      try check(peer: source, tag: tag, operation: "receive")
      return DeferredOperation { [self] in
        try storage.withMutableBytes { try receive(bytes: &$0, from: source, tag: tag) }
      } isReady: { [self] in
        mail.has(mailbox(tag))
      }
    case .broadcast(let root):
      try check(root: root, operation: "broadcast")
    case .allReduce, .barrier:
      break
    }
    return DeferredOperation {
    } isReady: {
      true
    }
  }

  private func mailbox(_ tag: Int) -> PostOffice.Mailbox {
    PostOffice.Mailbox(group: "", lane: .message(tag: tag), source: 0, destination: 0)
  }
}
