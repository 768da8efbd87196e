/// How the sums of an ordered all-reduce are held between ranks and on each of them.
public enum WireFormat: String, Sendable, Codable, CaseIterable {
  /// Four bytes an element: every sum is rounded to `Float`.
  case float32
  /// Two bytes an element: every shard's gradient and every sum of the tree is rounded to
  /// bfloat16, on any number of ranks. What rounding took away is kept and added the next time.
  case bfloat16

  /// The bytes of an element on the wire.
  public var elementBytes: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    }
  }

  /// Memory for `count` elements; what they are is left open.
  func storage(_ count: Int) -> WireStorage { WireStorage(byteCount: count * elementBytes) }

  /// The part of a memory that holds some of its elements.
  func part(of memory: WireStorage, _ elements: Range<Int>) -> WireStorage {
    memory.part((elements.lowerBound * elementBytes)..<(elements.upperBound * elementBytes))
  }

  /// The number of elements that a memory holds.
  func count(of memory: WireStorage) -> Int { memory.byteCount / elementBytes }
}
