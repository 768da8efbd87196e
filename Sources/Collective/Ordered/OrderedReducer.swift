/// Sums the shards of a global batch over all ranks to the same bits, however many ranks there are.
///
/// The V shards (a power of two) are the leaves of one fixed binary tree. Rank p of P owns the
/// shards [pV/P, (p+1)V/P) and adds theirs up as far as the tree's nodes lie inside its range. The
/// nodes that remain are exchanged by element ranges (each rank receives its range of every node),
/// added up there in the tree's order, and the finished ranges are gathered everywhere. Every
/// element is thus the same expression in the same order on 1 rank or 100, whatever the library's
/// own reductions would do.
///
/// Elements travel in buckets: each as soon as the last own shard's gradient is known for all of
/// it, while the rest is being computed. How large they are, and whether they travel as messages
/// or through memory that the ranks of a host share, changes no bit.
///
/// ```swift
/// var reducer = try OrderedReducer(communicator: world, shardCount: 8, elementCount: count)
/// for shard in reducer.ownShards { try reducer.add(shard: shard, gradient(of: shard).span) }
/// try reducer.finish(into: &sum)  // ready for the next step
/// ```
///
/// Its buffers are made once: log2(V/P) + 1 times the elements, and for P > 1 up to twice as much
/// again for what a rank receives. In `bfloat16` they take half, and the errors that are still to be
/// made good 4 (2V - 1) / P bytes an element and rank.
public struct OrderedReducer: ~Copyable {
  /// The shards that this rank adds, in ascending order.
  public let ownShards: Range<Int>
  /// The number of elements of a gradient.
  public let elementCount: Int
  /// The next shard to be added; the end of ``ownShards`` when all are.
  public private(set) var nextShard: Int
  /// What the exchange cost so far.
  public private(set) var cost = ReductionCost()

  private struct Bucket {
    let elements: Range<Int>
    let exchange: any BucketExchange
    var stack: TreeStack
    /// The elements of the next shard that are still to be added.
    var missing: Int
    /// When it left, where that is traced and the sum is not whole yet.
    var departure: Int64?
  }

  let layout: ReductionLayout
  let communicator: any Communicator
  private var buckets: [Bucket]
  // Buckets under way in the order of their launch; those before `finished` are whole.
  private var launched: [Int] = []
  private var missing: Int
  private let isAlone: Bool
  private let flight: FlightRecorder.Lane
  private var firstLaunch: ContinuousClock.Instant?

  /// A reducer for gradients of one size.
  ///
  /// Collective.
  /// - Parameters:
  ///   - communicator: The ranks that own the shards.
  ///   - shardCount: V, a power of two.
  ///   - elementCount: The number of elements of a gradient; may be 0 or less than P.
  ///   - route: How elements travel; ``RouteMeasurement`` finds the best. Changes no
  ///     bit.
  ///   - format: How sums are held and travel. Decides the bits.
  /// - Throws: ``MPIError``, also for shared memory between ranks that share none.
  public init(
    communicator: any Communicator, shardCount: Int, elementCount: Int,
    route: ReductionRoute = .standard, format: WireFormat = .float32
  ) throws {
    self.elementCount = elementCount
    isAlone = communicator.size == 1
    flight = communicator.flight
    let length = max(1, isAlone ? elementCount : route.bucketLength)
    let layout = ReductionLayout(
      ranks: communicator.size, shardCount: shardCount, elementCount: elementCount,
      bucketLength: max(length, elementCount / MessageExchange.bucketLimit + 1), format: format)
    self.layout = layout
    self.communicator = communicator
    ownShards = layout.shards(ofRank: communicator.rank)
    nextShard = ownShards.lowerBound
    // A lane of its own: nothing else that the group says can meet these messages.
    let lane =
      isAlone ? communicator : try communicator.duplicate(name: "\(communicator.name), gradients")
    let exchanges: [any BucketExchange]
    switch route {
    case _ where isAlone:
      exchanges = layout.buckets.indices.map { NoExchange(layout, bucket: $0) }
    case .messages:
      exchanges = layout.buckets.indices.map {
        MessageExchange(layout, bucket: $0, communicator: lane)
      }
    case .sharedMemory:
      guard let shared = try SharedExchange.all(layout, over: lane) else {
        throw MPIError(
          kind: .environment, text: "the ranks are not all on one host, so they share no memory",
          operation: "MPI_Win_allocate_shared", communicator: communicator.name)
      }
      exchanges = shared
    }
    buckets = zip(layout.buckets, exchanges).map { elements, exchange in
      Bucket(
        elements: elements, exchange: exchange,
        stack: TreeStack(buffers: exchange.nodeBuffers, arithmetic: exchange.arithmetic),
        missing: elements.count)
    }
    missing = elementCount
    launched.reserveCapacity(buckets.count)
  }

  /// The shards that one rank owns: `[rank V / P, (rank + 1) V / P)`; none on some ranks if P > V.
  public static func shards(ofRank rank: Int, ranks: Int, shardCount: Int) -> Range<Int> {
    ShardTree.shards(ofRank: rank, ranks: ranks, shardCount: shardCount)
  }

  /// Adds the gradient of the next of ``ownShards``.
  /// - Throws: ``MPIError``.
  public mutating func add(shard: Int, _ gradient: Span<Float>) throws {
    try add(shard: shard, elements: 0..<elementCount, of: gradient)
  }

  /// Adds a part of the gradient of the next of ``ownShards``, as soon as it is known.
  ///
  /// The parts of a shard may come in any order; each element comes once.
  /// - Parameters:
  ///   - shard: The shard.
  ///   - elements: The elements that are known now.
  ///   - gradient: The whole gradient; elements that came before are still the same.
  /// - Throws: ``MPIError``.
  public mutating func add(
    shard: Int, elements: Range<Int>, of gradient: Span<Float>
  ) throws {
    precondition(shard == nextShard && ownShards.contains(shard), "shard \(shard) is not next")
    precondition(gradient.count == elementCount, "a gradient of another size")
    for index in buckets.indices
    where buckets[index].elements.overlaps(elements) || elementCount == 0 {
      let bucket = buckets[index].elements
      buckets[index].missing -= bucket.clamped(to: elements).count
      precondition(buckets[index].missing >= 0, "elements were added twice")
      guard buckets[index].missing == 0 else { continue }
      buckets[index].missing = bucket.count
      buckets[index].stack.push(shard: shard, gradient.extracting(bucket))
      if shard == ownShards.last { try launch(index) }
    }
    missing -= elements.count
    guard missing == 0 else { return }
    missing = elementCount
    nextShard += 1
  }

  /// Drives what is under way forward: to be called now and then while computing.
  ///
  /// Open MPI moves nonblocking operations only inside its own calls.
  /// - Throws: ``MPIError``.
  public mutating func poll() throws {
    flight.recorder.beat()
    guard !isAlone else { return }
    for index in launched { _ = try poll(index) }
  }

  /// Leaves the sum of all shards in `sum`, on every rank, and begins the next step.
  ///
  /// Collective. Every rank has added all its shards.
  /// - Throws: ``MPIError``.
  public mutating func finish(into sum: inout MutableSpan<Float>) throws {
    precondition(nextShard == ownShards.upperBound, "shard \(nextShard) was not added")
    precondition(sum.count == elementCount, "a sum of another size")
    guard !isAlone else {
      for index in launched { buckets[index].exchange.finish(into: &sum) }
      return reset()
    }
    let start = ContinuousClock.now
    // A rank that owns no shard still adds up its slices.
    if ownShards.isEmpty { for index in buckets.indices { try launch(index) } }
    let flight = flight
    for place in launched.indices {
      try flight.record(.orderedAllReduce, byteCount: layout.format.elementBytes * elementCount) {
        try wait(for: place)
      }
      buckets[launched[place]].exchange.finish(into: &sum)
    }
    let end = ContinuousClock.now
    cost.exposed += start.duration(to: end)
    cost.underWay += (firstLaunch ?? start).duration(to: end)
    cost.steps += 1
    reset()
  }

  /// Returns when the bucket that was launched at a place is whole; drives those after it too.
  private mutating func wait(for place: Int) throws {
    var patience = Patience()
    while try !poll(launched[place]) {
      for later in launched[(place + 1)...] { _ = try poll(later) }
      patience.pause()
    }
  }

  /// Drives one bucket forward; whether its sum is whole.
  private mutating func poll(_ index: Int) throws -> Bool {
    guard try buckets[index].exchange.poll() else { return false }
    if let departure = buckets[index].departure {
      flight.recorder.trace.end(.exchange, since: departure, number: index)
      buckets[index].departure = nil
    }
    return true
  }

  /// Forgets what was added since the last step; nothing may be under way.
  private mutating func reset() {
    for index in buckets.indices { buckets[index].stack.removeAll() }
    launched.removeAll(keepingCapacity: true)
    firstLaunch = nil
    nextShard = ownShards.lowerBound
  }

  /// The bytes that a reducer takes, on the rank that takes most.
  ///
  /// The parameters are those of ``init(communicator:shardCount:elementCount:route:format:)``.
  public static func memory(
    ranks: Int, shardCount: Int, elementCount: Int, format: WireFormat = .float32
  ) -> Int {
    let layout = ReductionLayout(
      ranks: ranks, shardCount: shardCount, elementCount: elementCount,
      bucketLength: max(1, elementCount), format: format)
    return (0..<ranks).map { rank in
      let slice = layout.slice(ofRank: rank, bucket: 0).count
      let nodes = TreeStack.depth(of: layout.shards(ofRank: rank)) * elementCount
      // What arrives: a slice of every other rank's nodes, and all of the sum.
      let arriving =
        ranks > 1
        ? elementCount + slice * (layout.sources.count - layout.nodes[rank].count) : 0
      let residuals =
        format == .bfloat16
        ? ShardTree.allNodes(shardCount: shardCount).reduce(0) {
          $0 + (layout.elements(of: $1, bucket: 0, rank: rank)?.count ?? 0)
        } : 0
      return (nodes + arriving) * format.elementBytes + residuals * MemoryLayout<Float>.stride
    }.max() ?? 0
  }

  /// The bytes of all messages that this rank sends for one sum.
  public var messageBytes: Int { buckets.reduce(0) { $0 + $1.exchange.messageBytes } }

  /// How the sums of a bucket are made.
  func arithmetic(ofBucket index: Int) -> any NodeArithmetic { buckets[index].exchange.arithmetic }

  /// Refuses to go on between two steps.
  func requireRest() {
    precondition(
      launched.isEmpty && nextShard == ownShards.lowerBound && missing == elementCount,
      "a step is under way")
  }

  /// Starts the cost anew.
  public mutating func resetCost() { cost = ReductionCost() }

  private mutating func launch(_ index: Int) throws {
    if firstLaunch == nil, !isAlone { firstLaunch = .now }
    launched.append(index)
    if !isAlone { buckets[index].departure = flight.recorder.trace.begin(.exchange) }
    try buckets[index].exchange.launch()
  }
}

/// What the exchanges of an ``OrderedReducer`` cost.
public struct ReductionCost: Sendable {
  /// Nothing so far.
  public init() {}

  /// The number of all-reduces.
  public var steps = 0
  /// Time that a rank did nothing but wait for its peers and the network.
  public var exposed = Duration.zero
  /// Time from the first bucket's departure to the last one's arrival.
  public var underWay = Duration.zero

  /// The share of the exchange that went on while the rank computed; `nil` where there was none.
  public var hidden: Double? {
    underWay > .zero ? 1 - exposed / underWay : nil
  }
}
