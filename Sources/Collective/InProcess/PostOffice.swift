import Foundation

/// Messages between ranks that live in one process.
///
/// Sending copies and never waits; receiving waits until the message is there, a peer has failed,
/// or patience is at an end.
final class PostOffice: @unchecked Sendable {
  /// Where a message lies until it is taken; messages in one mailbox keep their order.
  struct Mailbox: Hashable {
    /// Keeps the messages of unlike operations apart.
    enum Lane: Hashable {
      case message(tag: Int)
      case collective(number: Int)
    }

    var group: String
    var lane: Lane
    var source: Int
    var destination: Int
  }

  private let patienceSeconds: Double
  // Sendable: the condition's lock guards the mail, the memories and the flag.
  private let condition = NSCondition()
  private var mail: [Mailbox: [[UInt8]]] = [:]
  private var memories: [String: SharedMemory] = [:]
  private var closed = false

  init(patienceSeconds: Double) {
    self.patienceSeconds = patienceSeconds
  }

  /// Leaves a message.
  func post(_ bytes: [UInt8], to mailbox: Mailbox) {
    condition.lock()
    defer { condition.unlock() }
    mail[mailbox, default: []].append(bytes)
    condition.broadcast()
  }

  /// Takes the oldest message, or `nil` if none will come.
  func take(from mailbox: Mailbox) -> [UInt8]? {
    guard wait(forAnyOf: [mailbox]) != nil else { return nil }
    condition.lock()
    defer { condition.unlock() }
    guard var messages = mail.removeValue(forKey: mailbox) else { return nil }
    let first = messages.removeFirst()
    if !messages.isEmpty { mail[mailbox] = messages }
    return first
  }

  /// Whether taking the oldest message would not wait: it is there, or none will come.
  func has(_ mailbox: Mailbox) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    return mail[mailbox] != nil || closed
  }

  /// Memory that ranks share, made by the first that asks for `name`.
  func memory(_ name: String, make: () -> SharedMemory) -> SharedMemory {
    condition.lock()
    defer { condition.unlock() }
    if let memory = memories[name] { return memory }
    let memory = make()
    memories[name] = memory
    return memory
  }

  /// Lets go of the memory of one group; `name` is the group's, and ends in a slash.
  func forgetMemory(of name: String) {
    condition.lock()
    defer { condition.unlock() }
    for key in memories.keys
    where key.hasPrefix(name) && !key.dropFirst(name.count).contains("/") {
      memories[key] = nil
    }
  }

  /// Waits for a message in one of the mailboxes and says in which, or `nil` if none will come.
  func wait(forAnyOf mailboxes: [Mailbox]) -> Int? {
    let deadline = Date(timeIntervalSinceNow: patienceSeconds)
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let index = mailboxes.firstIndex(where: { mail[$0] != nil }) { return index }
      if closed || !condition.wait(until: deadline) { return nil }
    }
  }

  /// Ends every wait: a rank has failed.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    closed = true
    condition.broadcast()
  }
}

/// An operation whose remaining work is done when it is waited for.
final class DeferredOperation: PendingOperation {
  private var work: (() throws -> Void)?
  private let isReady: () -> Bool

  /// - Parameters:
  ///   - work: What remains to be done; may wait for peers.
  ///   - isReady: Whether `work` would not have to wait.
  init(_ work: @escaping () throws -> Void, isReady: @escaping () -> Bool) {
    self.work = work
    self.isReady = isReady
  }

  func test() throws -> Bool {
    if work != nil && isReady() { try wait() }
    return work == nil
  }

  func wait() throws {
    guard let work else { return }
    self.work = nil
    try work()
  }
}

extension MutableRawSpan {
  /// Overwrites the span; equal lengths.
  mutating func copy(_ source: RawSpan) {
    precondition(byteCount == source.byteCount, "copy between unlike lengths")
    guard byteCount > 0 else { return }
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }
}

extension [UInt8] {
  /// The bytes of a span.
  init(copying bytes: RawSpan) {
    self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
  }
}
