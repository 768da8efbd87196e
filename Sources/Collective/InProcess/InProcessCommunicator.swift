import Foundation
import Synchronization

/// A rank that is a thread of this process, for tests of collective code without MPI.
///
/// Every collective is made of messages through one ``PostOffice``; reductions combine in rank
/// order. Made to be plain, not fast.
public final class InProcessCommunicator: Communicator {
  /// See ``Communicator/name``.
  public let name: String
  /// See ``Communicator/rank``.
  public let rank: Int
  /// See ``Communicator/size``.
  public let size: Int
  /// None.
  public var library: String? { nil }
  /// See ``Communicator/flight``.
  public let flight: FlightRecorder.Lane

  private let group: String
  private let post: PostOffice
  // Ranks call collectives in the same order, so the number names one.
  private let collectives = Atomic<Int>(0)
  // How many groups were made of each list of ranks: the same on all of them.
  private let groupings = Mutex<[[Int]: Int]>([:])
  private let isFreed = Atomic<Bool>(false)
  // The groups made of this one, which are freed with it.
  private let groups = Mutex<[InProcessCommunicator]>([])

  private init(
    name: String, rank: Int, size: Int, group: String, post: PostOffice, flight: FlightRecorder.Lane
  ) {
    self.flight = flight
    self.name = name
    self.rank = rank
    self.size = size
    self.group = group
    self.post = post
  }

  /// Runs `body` once for each of `ranks` ranks, each on a thread of its own.
  ///
  /// When one rank throws, the others' calls fail instead of waiting for it.
  /// - Parameters:
  ///   - ranks: The number of ranks, at least 1.
  ///   - patienceSeconds: How long a call waits for a peer before it fails.
  ///   - body: What each rank does.
  /// - Returns: What each rank returned, in rank order.
  /// - Throws: The first error that was thrown.
  public static func run<R: Sendable>(
    ranks: Int, patienceSeconds: Double = 60,
    _ body: @escaping @Sendable (any Communicator) throws -> R
  ) throws -> [R] {
    precondition(ranks > 0, "a group has at least one rank")
    let post = PostOffice(patienceSeconds: patienceSeconds)
    let outcome = Mutex<(results: [Int: R], error: (any Error)?)>(([:], nil))
    let done = DispatchGroup()
    for rank in 0..<ranks {
      done.enter()
      let thread = Thread {
        let communicator = InProcessCommunicator(
          name: "in-process", rank: rank, size: ranks, group: "", post: post,
          flight: FlightRecorder().lane(of: "in-process"))
        do {
          let result = try body(communicator)
          outcome.withLock { $0.results[rank] = result }
        } catch {
          outcome.withLock { $0.error = $0.error ?? error }
          post.close()
        }
        done.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    done.wait()
    return try outcome.withLock { outcome in
      if let error = outcome.error { throw error }
      return (0..<ranks).compactMap { outcome.results[$0] }
    }
  }

  /// See ``Communicator/split(color:key:name:)``.
  public func split(color: Int?, key: Int, name: String) throws -> (any Communicator)? {
    precondition(color ?? 0 >= 0, "a color is not negative")
    let wishes = try allGather([color ?? -1, key])
    let number = nextCollective()
    guard let color else { return nil }
    let members = (0..<size)
      .filter { wishes[2 * $0] == color }
      .sorted { (wishes[2 * $0 + 1], $0) < (wishes[2 * $1 + 1], $1) }
    return owned("\(number).\(color)", members, name: name)
  }

  /// See ``Communicator/group(of:name:)``.
  public func group(of ranks: [Int], name: String) throws -> any Communicator {
    try check(members: ranks, operation: "group")
    let number = groupings.withLock { groupings in
      defer { groupings[ranks, default: 0] += 1 }
      return groupings[ranks, default: 0]
    }
    return owned("\(ranks).\(number)", ranks, name: name)
  }

  private func owned(_ key: String, _ members: [Int], name: String) -> InProcessCommunicator {
    let made = InProcessCommunicator(
      name: name, rank: members.firstIndex(of: rank) ?? 0, size: members.count,
      group: "\(group)/\(key)", post: post, flight: flight.lane(of: name))
    groups.withLock { groups in
      groups.removeAll { $0.isFreed.load(ordering: .relaxed) }
      groups.append(made)
    }
    return made
  }

  /// See ``Communicator/free()``.
  public func free() throws {
    precondition(!group.isEmpty, "the first group of all cannot be freed")
    for group in groups.withLock({ $0 }) where !group.isFreed.load(ordering: .relaxed) {
      try group.free()
    }
    try barrier()
    post.forgetMemory(of: "\(group)/")
    isFreed.store(true, ordering: .relaxed)
  }

  /// See ``Communicator/barrier()``.
  public func barrier() throws {
    let number = nextCollective()
    deliver(number, RawSpan(), to: 0..<size)
    for peer in 0..<size { _ = try collect(number, from: peer, "barrier") }
  }

  /// See ``Communicator/broadcast(bytes:root:)``.
  public func broadcast(bytes: inout MutableRawSpan, root: Int) throws {
    try check(root: root, operation: "broadcast")
    let number = nextCollective()
    deliver(number, bytes.bytes, to: rank == root ? 0..<size : 0..<0)
    try bytes.copyChecked(collect(number, from: root, "broadcast"), from: root, self, "broadcast")
  }

  /// See ``Communicator/reduce(bytes:into:of:by:root:)``.
  public func reduce(
    bytes: RawSpan, into result: inout MutableRawSpan, of type: WireType, by reduction: Reduction,
    root: Int
  ) throws {
    try check(root: root, operation: "reduce")
    let number = nextCollective()
    deliver(number, bytes, to: root..<(root + 1))
    guard rank == root else { return }
    try combine(number, into: &result, of: type, by: reduction, operation: "reduce")
  }

  /// See ``Communicator/allReduce(bytes:of:by:)``.
  public func allReduce(
    bytes: inout MutableRawSpan, of type: WireType, by reduction: Reduction
  ) throws {
    let number = nextCollective()
    deliver(number, bytes.bytes, to: 0..<size)
    try combine(number, into: &bytes, of: type, by: reduction, operation: "allReduce")
  }

  /// See ``Communicator/gather(bytes:into:blocks:root:)``.
  public func gather(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "gather")
    let number = nextCollective()
    deliver(number, bytes, to: root..<(root + 1))
    guard rank == root else { return }
    try assemble(number, into: &result, blocks, operation: "gather")
  }

  /// See ``Communicator/allGather(bytes:blocks:)``.
  public func allGather(bytes: inout MutableRawSpan, blocks: Blocks) throws {
    let number = nextCollective()
    deliver(number, bytes.bytes.extracting(blocks.range(of: rank)), to: 0..<size)
    try assemble(number, into: &bytes, blocks, operation: "allGather")
  }

  /// See ``Communicator/scatter(bytes:into:blocks:root:)``.
  public func scatter(
    bytes: RawSpan, into result: inout MutableRawSpan, blocks: Blocks, root: Int
  ) throws {
    try check(root: root, operation: "scatter")
    let number = nextCollective()
    if rank == root {
      for peer in 0..<size {
        deliver(number, bytes.extracting(blocks.range(of: peer)), to: peer..<(peer + 1))
      }
    }
    try result.copyChecked(collect(number, from: root, "scatter"), from: root, self, "scatter")
  }

  /// See ``Communicator/allToAll(bytes:blocks:into:received:)``.
  public func allToAll(
    bytes: RawSpan, blocks: Blocks, into result: inout MutableRawSpan, received: Blocks
  ) throws {
    let number = nextCollective()
    for peer in 0..<size {
      deliver(number, bytes.extracting(blocks.range(of: peer)), to: peer..<(peer + 1))
    }
    try assemble(number, into: &result, received, operation: "allToAll")
  }

  /// See ``Communicator/send(bytes:to:tag:)``.
  public func send(bytes: RawSpan, to destination: Int, tag: Int) throws {
    try check(peer: destination, tag: tag, operation: "send")
    post.post(
      [UInt8](copying: bytes),
      to: mailbox(.message(tag: tag), from: rank, to: destination))
  }

  /// See ``Communicator/receive(bytes:from:tag:)``.
  public func receive(bytes: inout MutableRawSpan, from source: Int, tag: Int) throws {
    try check(peer: source, tag: tag, operation: "receive")
    let message = try take(
      mailbox(.message(tag: tag), from: source, to: rank), operation: "receive")
    try bytes.copyChecked(message, from: source, self, "receive")
  }

  /// See ``Communicator/sendReceive(bytes:to:into:from:tag:)``.
  public func sendReceive(
    bytes: RawSpan, to destination: Int, into result: inout MutableRawSpan, from source: Int,
    tag: Int
  ) throws {
    try send(bytes: bytes, to: destination, tag: tag)
    try receive(bytes: &result, from: source, tag: tag)
  }

  /// See ``Communicator/probe(tag:)``.
  public func probe(tag: Int) throws -> Int {
    try check(peer: rank, tag: tag, operation: "probe")
    let mailboxes = (0..<size).map { mailbox(.message(tag: tag), from: $0, to: rank) }
    guard let source = post.wait(forAnyOf: mailboxes) else {
      throw failure(.peer, "a peer failed or did not send", "probe")
    }
    return source
  }

  /// See ``Communicator/shareMemory(byteCount:signalCount:)``; threads always share memory.
  public func shareMemory(byteCount: Int, signalCount: Int) throws -> SharedMemory? {
    let lengths = try allGather([byteCount])
    return post.memory("\(group)/\(nextCollective())") {
      SharedMemory(privately: lengths, signalCount: signalCount)
    }
  }

  /// See ``Communicator/start(_:on:)``. What the rank sends goes out at once; what it receives is
  /// taken when it is waited for.
  public func start(
    _ operation: NonblockingOperation, on storage: WireStorage
  ) throws -> any PendingOperation {
    switch operation {
    case .send(let destination, let tag):
      try storage.withMutableBytes { try send(bytes: $0.bytes, to: destination, tag: tag) }
      return DeferredOperation {
      } isReady: {
        true
      }
    case .receive(let source, let tag):
      try check(peer: source, tag: tag, operation: "receive")
      return DeferredOperation { [self] in
        try storage.withMutableBytes { try receive(bytes: &$0, from: source, tag: tag) }
      } isReady: { [self] in
        post.has(mailbox(.message(tag: tag), from: source, to: rank))
      }
    case .broadcast(let root):
      try check(root: root, operation: "broadcast")
      let number = nextCollective()
      storage.withMutableBytes {
        deliver(number, $0.bytes, to: rank == root ? 0..<size : 0..<0)
      }
      return DeferredOperation { [self] in
        let message = try collect(number, from: root, "broadcast")
        try storage.withMutableBytes { try $0.copyChecked(message, from: root, self, "broadcast") }
      } isReady: { [self] in
        isDelivered(number, from: root..<(root + 1))
      }
    case .allReduce(let type, let reduction):
      let number = nextCollective()
      storage.withMutableBytes { deliver(number, $0.bytes, to: 0..<size) }
      return DeferredOperation { [self] in
        try storage.withMutableBytes {
          try combine(number, into: &$0, of: type, by: reduction, operation: "allReduce")
        }
      } isReady: { [self] in
        isDelivered(number, from: 0..<size)
      }
    case .barrier:
      let number = nextCollective()
      deliver(number, RawSpan(), to: 0..<size)
      return DeferredOperation { [self] in
        for peer in 0..<size { _ = try collect(number, from: peer, "barrier") }
      } isReady: { [self] in
        isDelivered(number, from: 0..<size)
      }
    }
  }
}

// The messages that collectives are made of.
extension InProcessCommunicator {
  private func nextCollective() -> Int {
    precondition(!isFreed.load(ordering: .relaxed), "the group '\(name)' was freed")
    return collectives.add(1, ordering: .relaxed).oldValue
  }

  private func mailbox(
    _ lane: PostOffice.Mailbox.Lane, from source: Int, to destination: Int
  ) -> PostOffice.Mailbox {
    precondition(!isFreed.load(ordering: .relaxed), "the group '\(name)' was freed")
    return PostOffice.Mailbox(group: group, lane: lane, source: source, destination: destination)
  }

  private func take(_ mailbox: PostOffice.Mailbox, operation: String) throws -> [UInt8] {
    guard let message = flight.record(.wait, { post.take(from: mailbox) }) else {
      throw failure(.peer, "rank \(mailbox.source) failed or did not send", operation)
    }
    return message
  }

  private func deliver(_ number: Int, _ bytes: RawSpan, to peers: Range<Int>) {
    for peer in peers {
      post.post(
        [UInt8](copying: bytes),
        to: mailbox(.collective(number: number), from: rank, to: peer))
    }
  }

  private func isDelivered(_ number: Int, from peers: Range<Int>) -> Bool {
    peers.allSatisfy { post.has(mailbox(.collective(number: number), from: $0, to: rank)) }
  }

  private func collect(_ number: Int, from peer: Int, _ operation: String) throws -> [UInt8] {
    try take(mailbox(.collective(number: number), from: peer, to: rank), operation: operation)
  }

  private func combine(
    _ number: Int, into result: inout MutableRawSpan, of type: WireType, by reduction: Reduction,
    operation: String
  ) throws {
    try result.copyChecked(collect(number, from: 0, operation), from: 0, self, operation)
    for peer in 1..<max(size, 1) {
      let contribution = try collect(number, from: peer, operation)
      try check(
        received: contribution.count, expected: result.byteCount, from: peer, operation: operation)
      unsafe reduction.combine(&result, with: contribution.span.bytes, of: type)
    }
  }

  private func assemble(
    _ number: Int, into result: inout MutableRawSpan, _ blocks: Blocks, operation: String
  ) throws {
    for peer in 0..<size {
      var part = result._mutatingExtracting(blocks.range(of: peer))
      try part.copyChecked(collect(number, from: peer, operation), from: peer, self, operation)
    }
  }
}

extension MutableRawSpan {
  /// Overwrites the span with a message, which must have its length.
  fileprivate mutating func copyChecked(
    _ message: [UInt8], from source: Int, _ communicator: InProcessCommunicator,
    _ operation: String
  ) throws {
    try communicator.check(
      received: message.count, expected: byteCount, from: source, operation: operation)
    unsafe copy(message.span.bytes)
  }
}
