/// The exchange of a bucket between ranks of one host, through memory that they share.
///
/// Nodes lie where all ranks see them, so that nothing is sent: each rank adds up its slice out of
/// everyone's memory and leaves it for the others to copy. Two signals a bucket order this. Each
/// counts steps: `ready` says that a rank's nodes are whole, `summed` that its slice is.
///
/// Memory is reused without a further signal: a rank touches its nodes again only after all have
/// `summed`, and its slice of the sum after all are `ready` with the step that follows, which they
/// are only when they have copied the last.
final class SharedExchange: BucketExchange {
  let nodeBuffers: [WireStorage]
  let arithmetic: any NodeArithmetic
  let messageBytes = 0

  private let memory: SharedMemory
  private let own: Int
  private let ranks: Int
  private let elements: Range<Int>
  private let sources: [WireStorage]
  private let treeSum: TreeSum
  // Each rank's slice of the sum and where it belongs.
  private let slices: [(start: Int, memory: WireStorage)]
  private let ready: Int
  private let summed: Int
  private var step: UInt64 = 0
  private var isSummed = true

  /// Where a rank keeps a bucket within its segment, in bytes.
  private struct Segment {
    let offsets: [(nodes: Int, slice: Int)]
    let count: Int

    init(_ layout: ReductionLayout, rank: Int) {
      let depth = TreeStack.depth(of: layout.shards(ofRank: rank))
      var offsets: [(nodes: Int, slice: Int)] = []
      var next = 0
      for bucket in layout.buckets.indices {
        let slice = next + depth * Self.lines(layout.buckets[bucket].count, layout.format)
        offsets.append((nodes: next, slice: slice))
        next = slice + Self.lines(layout.slice(ofRank: rank, bucket: bucket).count, layout.format)
      }
      self.offsets = offsets
      count = next
    }

    /// The bytes of so many elements, rounded up to whole cache lines.
    static func lines(_ elements: Int, _ format: WireFormat) -> Int {
      (elements * format.elementBytes + 63) / 64 * 64
    }
  }

  /// The exchanges of all buckets.
  ///
  /// Collective.
  /// - Returns: `nil`, on all ranks, where they do not share memory.
  /// - Throws: ``MPIError``.
  static func all(
    _ layout: ReductionLayout, over communicator: any Communicator
  ) throws -> [SharedExchange]? {
    let segment = Segment(layout, rank: communicator.rank)
    guard
      let memory = try communicator.shareMemory(
        byteCount: segment.count,
        signalCount: 2 * layout.buckets.count)
    else { return nil }
    let segments = (0..<layout.ranks).map { Segment(layout, rank: $0) }
    return layout.buckets.indices.map {
      SharedExchange(layout, bucket: $0, segments, memory, own: communicator.rank)
    }
  }

  private init(
    _ layout: ReductionLayout, bucket: Int, _ segments: [Segment], _ memory: SharedMemory, own: Int
  ) {
    self.memory = memory
    self.own = own
    ranks = layout.ranks
    let elements = layout.buckets[bucket]
    self.elements = elements
    (ready, summed) = (2 * bucket, 2 * bucket + 1)
    let format = layout.format
    func node(_ place: Int, of rank: Int) -> WireStorage {
      let start =
        segments[rank].offsets[bucket].nodes + place * Segment.lines(elements.count, format)
      return memory.segments[rank].part(start..<(start + elements.count * format.elementBytes))
    }
    nodeBuffers = (0..<TreeStack.depth(of: layout.shards(ofRank: own))).map { node($0, of: own) }
    let ownSlice = layout.slice(ofRank: own, bucket: bucket)
    sources = layout.sources.map { format.part(of: node($0.place, of: $0.rank), ownSlice) }
    arithmetic = layout.arithmetic(bucket: bucket, rank: own)
    treeSum = TreeSum(of: layout.sources.map(\.node), length: ownSlice.count, arithmetic)
    slices = (0..<layout.ranks).map { rank in
      let slice = layout.slice(ofRank: rank, bucket: bucket)
      let start = segments[rank].offsets[bucket].slice
      return (
        elements.lowerBound + slice.lowerBound,
        memory.segments[rank].part(start..<(start + slice.count * format.elementBytes))
      )
    }
  }

  func launch() {
    precondition(isSummed, "the bucket is on its way already")
    step += 1
    isSummed = false
    memory.raise(ready, of: own, to: step)
  }

  func poll() -> Bool {
    if !isSummed {
      guard haveAll(ready) else { return false }
      treeSum.sum(sources, into: slices[own].memory)
      isSummed = true
      memory.raise(summed, of: own, to: step)
    }
    return haveAll(summed)
  }

  func finish(into sum: inout MutableSpan<Float>) {
    for slice in slices { arithmetic.write(slice.memory, to: &sum, at: slice.start) }
  }

  private func haveAll(_ signal: Int) -> Bool {
    (0..<ranks).allSatisfy { memory.signal(signal, of: $0) >= step }
  }
}
