internal import Synchronization

/// Memory that all ranks of one host see: one segment a rank, written by it, read by all.
///
/// What a rank has written is seen by another that has read a later ``signal(_:_:)`` of it.
@safe public final class SharedMemory: @unchecked Sendable {
  // Sendable: the addresses never change; the signals are atomic, and whoever uses the rest orders
  // writing before reading by them.
  /// Each rank's segment, in rank order.
  let segments: [WireStorage]
  private let signals: [UnsafeMutablePointer<Atomic<UInt64>>]
  private let signalCount: Int

  /// The bytes that the signals of a segment occupy, rounded up to whole cache lines.
  static func header(signalCount: Int) -> Int { (signalCount * 8 + 63) / 64 * 64 }

  /// Memory of all ranks whose headers hold zeros.
  /// - Parameters:
  ///   - addresses: Each rank's memory, header first, aligned to 64 bytes.
  ///   - signalCount: The number of signals of each rank.
  ///   - owner: What keeps the memory alive.
  init(_ addresses: [UnsafeMutableRawBufferPointer], signalCount: Int, owner: AnyObject) {
    let header = Self.header(signalCount: signalCount)
    unsafe segments = addresses.map {
      unsafe WireStorage(UnsafeMutableRawBufferPointer(rebasing: $0[header...]), of: owner)
    }
    unsafe signals = addresses.map { memory in
      precondition(memory.count >= header, "no room for the signals")
      // Safe: Atomic<UInt64> has the layout of UInt64, and the address is a multiple of 64.
      guard let start = memory.baseAddress else { preconditionFailure("memory without address") }
      return unsafe start.bindMemory(to: Atomic<UInt64>.self, capacity: signalCount)
    }
    self.signalCount = signalCount
  }

  /// Memory of this process, for ranks that are threads of it.
  convenience init(privately byteCounts: [Int], signalCount: Int) {
    let header = Self.header(signalCount: signalCount)
    let lengths = byteCounts.map { header + ($0 + 63) / 64 * 64 }
    let whole = WireStorage(byteCount: lengths.reduce(0, +))
    unsafe whole.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    var start = 0
    let addresses = unsafe lengths.map { length in
      defer { start += length }
      return unsafe UnsafeMutableRawBufferPointer(rebasing: whole.bytes[start..<(start + length)])
    }
    unsafe self.init(addresses, signalCount: signalCount, owner: whole)
  }

  /// Raises one of `rank`'s own signals to `value`, after all that it wrote before.
  func raise(_ signal: Int, of rank: Int, to value: UInt64) {
    precondition((0..<signalCount).contains(signal), "there is no such signal")
    unsafe signals[rank][signal].store(value, ordering: .releasing)
  }

  /// The value of a rank's signal; what the rank wrote before raising it can be read.
  func signal(_ signal: Int, of rank: Int) -> UInt64 {
    precondition((0..<signalCount).contains(signal), "there is no such signal")
    return unsafe signals[rank][signal].load(ordering: .acquiring)
  }
}
