/// A nonblocking operation under way, owner of the buffer that it works on.
///
/// ``wait()`` ends it and gives the buffer back. A request that is dropped waits too, so that a
/// message can never land in memory that serves another purpose by then.
public struct Request<Element: Wire>: ~Copyable {
  private let pending: any PendingOperation
  private let storage: WireStorage
  private let count: Int

  fileprivate init(_ pending: any PendingOperation, _ storage: WireStorage, count: Int) {
    self.pending = pending
    self.storage = storage
    self.count = count
  }

  deinit {
    // Nobody is left to hear of an error; the communicator's next call will fail in its turn.
    _ = try? pending.wait()
  }

  /// Whether the operation is over.
  ///
  /// Open MPI moves nonblocking operations only inside its own calls: between slices of work, call
  /// this so that they overlap with it.
  public borrowing func test() throws -> Bool { try pending.test() }

  /// Waits until the operation is over, and gives the buffer back.
  public consuming func wait() throws -> WireBuffer<Element> {
    try pending.wait()
    return WireBuffer(storage: storage, count: count)
  }
}

extension Communicator {
  /// Begins to send a buffer to one rank.
  public func startSend<Element: Wire>(
    _ buffer: consuming WireBuffer<Element>, to destination: Int, tag: Int = 0
  ) throws -> Request<Element> {
    try begin(.send(to: destination, tag: tag), buffer)
  }

  /// Begins to receive a buffer from one rank; the message must have exactly its length.
  public func startReceive<Element: Wire>(
    into buffer: consuming WireBuffer<Element>, from source: Int, tag: Int = 0
  ) throws -> Request<Element> {
    try begin(.receive(from: source, tag: tag), buffer)
  }

  /// Begins to copy the root's buffer over every other rank's.
  public func startBroadcast<Element: Wire>(
    _ buffer: consuming WireBuffer<Element>, root: Int
  ) throws -> Request<Element> {
    try begin(.broadcast(root: root), buffer)
  }

  /// Begins to combine the buffers of all ranks element by element, in place.
  public func startAllReduce<Element: Wire>(
    _ buffer: consuming WireBuffer<Element>, by reduction: Reduction = .sum
  ) throws -> Request<Element> {
    try begin(.allReduce(of: Element.wireType, by: reduction), buffer)
  }

  /// Begins a barrier: the request is over when every rank has begun it.
  public func startBarrier() throws -> Request<UInt8> {
    try begin(.barrier, WireBuffer<UInt8>(count: 0))
  }

  private func begin<Element: Wire>(
    _ operation: NonblockingOperation, _ buffer: consuming WireBuffer<Element>
  ) throws -> Request<Element> {
    let storage = buffer.storage
    let count = buffer.count
    return Request(try start(operation, on: storage), storage, count: count)
  }
}
