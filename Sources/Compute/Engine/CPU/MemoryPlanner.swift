/// Where the bytes of a plan lie, and when they are in use.
///
/// Buffers that are never in use at the same step may share bytes of the arena.
struct MemoryPlanner {
  /// What a storage is carved out of.
  enum Region: Hashable {
    /// The arena, shared by liveness.
    case arena
    /// Parameters in the layouts of primitives: they outlive a run.
    case weights
    /// The parameter store's values.
    case values
    /// The parameter store's gradients.
    case gradients
  }

  /// A run of bytes with one owner and one lifetime.
  struct Storage {
    let region: Region
    let byteCount: Int
    /// The first and last step that touch it.
    var lifetime: ClosedRange<Int>?
    /// The offset within the region; for the arena and the weights, set by ``assignOffsets()``.
    var offset: Int
  }

  /// A tensor within a storage.
  struct Buffer {
    let storage: Int
    /// Bytes from the start of the storage.
    let offset: Int
    let descriptor: MemoryDescriptor
  }

  /// The step before the first: inputs are written there, parameters are prepared there.
  static let prologue = -1

  private(set) var storages: [Storage] = []
  private(set) var buffers: [Buffer] = []

  /// A new storage of the arena or the weights.
  mutating func makeStorage(_ region: Region, byteCount: Int, offset: Int = 0) -> Int {
    storages.append(
      Storage(region: region, byteCount: byteCount, lifetime: nil, offset: offset))
    return storages.count - 1
  }

  /// A tensor at an offset of a storage.
  mutating func makeBuffer(in storage: Int, at offset: Int, _ descriptor: MemoryDescriptor) -> Int {
    buffers.append(Buffer(storage: storage, offset: offset, descriptor: descriptor))
    return buffers.count - 1
  }

  /// Notes that `step` reads or writes a buffer.
  mutating func touch(_ buffer: Int, at step: Int) {
    let storage = buffers[buffer].storage
    guard let lifetime = storages[storage].lifetime else {
      storages[storage].lifetime = step...step
      return
    }
    storages[storage].lifetime =
      min(lifetime.lowerBound, step)...max(lifetime.upperBound, step)
  }

  /// Lays the storages out, the largest first, each at the lowest offset that is free throughout
  /// its lifetime.
  ///
  /// - Returns: what the plan will occupy.
  /// - Complexity: O(n²) in the number of storages.
  mutating func assignOffsets() -> MemoryEstimate {
    var estimate = MemoryEstimate(arena: 0, unshared: 0, weights: 0)
    for index in storages.indices where storages[index].region == .weights {
      storages[index].offset = estimate.weights
      estimate.weights += Self.padded(storages[index].byteCount)
    }
    let order = storages.indices
      .filter { storages[$0].region == .arena && storages[$0].lifetime != nil }
      .sorted { (storages[$1].byteCount, $0) < (storages[$0].byteCount, $1) }
    var placed: [Int] = []
    for index in order {
      guard let lifetime = storages[index].lifetime else { continue }
      let size = Self.padded(storages[index].byteCount)
      let taken =
        placed
        .filter { storages[$0].lifetime?.overlaps(lifetime) ?? false }
        .map { storages[$0].offset..<(storages[$0].offset + Self.padded(storages[$0].byteCount)) }
        .sorted { $0.lowerBound < $1.lowerBound }
      var offset = 0
      for range in taken where range.upperBound > offset {
        if range.lowerBound >= offset + size { break }
        offset = range.upperBound
      }
      storages[index].offset = offset
      placed.append(index)
      estimate.arena = max(estimate.arena, offset + size)
      estimate.unshared += size
    }
    return estimate
  }

  /// Storages start at multiples of 64 bytes, a cache line.
  private static func padded(_ byteCount: Int) -> Int { (max(byteCount, 1) + 63) / 64 * 64 }
}
