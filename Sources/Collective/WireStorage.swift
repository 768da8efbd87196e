/// Memory on the heap that never moves, aligned to 64 bytes.
///
/// Nonblocking operations read and write it while Swift code runs on, so it has one owner at a
/// time: a ``WireBuffer``, or the operation under way.
@safe public final class WireStorage: @unchecked Sendable {
  // Sendable: the address never changes, and the noncopyable WireBuffer sees to it that only one
  // owner touches the bytes.
  let bytes: UnsafeMutableRawBufferPointer
  // What the memory belongs to; `nil` for memory of its own.
  private let owner: AnyObject?

  init(byteCount: Int) {
    unsafe bytes = .allocate(byteCount: byteCount, alignment: 64)
    owner = nil
  }

  /// Memory that lives as long as `owner`.
  init(_ bytes: UnsafeMutableRawBufferPointer, of owner: AnyObject) {
    unsafe self.bytes = unsafe bytes
    self.owner = owner
  }

  deinit {
    if owner == nil { unsafe bytes.deallocate() }
  }

  /// A part of the memory, which keeps the whole alive.
  ///
  /// Several parts may be in the hands of several owners at a time if they do not overlap.
  func part(_ range: Range<Int>) -> WireStorage {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a part beyond the whole")
    return unsafe WireStorage(UnsafeMutableRawBufferPointer(rebasing: bytes[range]), of: self)
  }

  /// The length in bytes.
  public var byteCount: Int { unsafe bytes.count }

  /// Runs `body` on the bytes.
  public func withMutableBytes<R>(_ body: (inout MutableRawSpan) throws -> R) rethrows -> R {
    var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
    return try body(&span)
  }
}

/// A fixed number of elements at a fixed address, with exactly one owner.
///
/// A nonblocking operation consumes its buffer and the request gives it back, so that no one can
/// touch a message on its way.
public struct WireBuffer<Element: Wire>: ~Copyable, Sendable {
  let storage: WireStorage
  /// The number of elements.
  public let count: Int

  /// `count` zeros.
  public init(count: Int) {
    self.init(storage: WireStorage(byteCount: count * MemoryLayout<Element>.stride), count: count)
    withMutableSpan { span in
      for index in span.indices { span[index] = .zero }
    }
  }

  /// A copy of `elements`.
  public init(copying elements: Span<Element>) {
    let count = elements.count
    self.init(storage: WireStorage(byteCount: count * MemoryLayout<Element>.stride), count: count)
    withMutableSpan { span in
      for index in span.indices { span[index] = elements[index] }
    }
  }

  init(storage: WireStorage, count: Int) {
    self.storage = storage
    self.count = count
  }

  /// Runs `body` on the elements.
  public borrowing func withSpan<R>(_ body: (Span<Element>) throws -> R) rethrows -> R {
    // Safe: the storage holds `count` elements, bound here to their one type, and `self` is
    // borrowed, so nothing writes them meanwhile.
    try unsafe body(
      Span(_unsafeElements: UnsafeBufferPointer(storage.bytes.bindMemory(to: Element.self))))
  }

  /// Runs `body` on the elements, which it may change.
  public mutating func withMutableSpan<R>(
    _ body: (inout MutableSpan<Element>) throws -> R
  ) rethrows -> R {
    // Safe: as above; `self` is exclusively ours.
    var span = unsafe MutableSpan(_unsafeElements: storage.bytes.bindMemory(to: Element.self))
    return try body(&span)
  }

  /// The elements, copied.
  public var array: [Element] {
    withSpan { span in span.indices.map { span[$0] } }
  }
}
