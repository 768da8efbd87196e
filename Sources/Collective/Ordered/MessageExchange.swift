/// The exchange of a bucket by messages between all ranks, over any network.
///
/// Round j moves the j-th node of every rank, whose memory lies in slice order, so that nothing is
/// packed. Where P divides V, the traffic is that of a ring all-reduce.
final class MessageExchange: BucketExchange {
  let nodeBuffers: [WireStorage]
  let arithmetic: any NodeArithmetic
  let messageBytes: Int

  private let communicator: any Communicator
  private let elements: Range<Int>
  // What goes to each rank: slices of the nodes, and in the end the own slice of the sum.
  private let outgoing: [(rank: Int, part: WireStorage)]
  // What comes from each rank: the own slice of its nodes, and its slice of the sum.
  private let incoming: [(rank: Int, part: WireStorage)]
  private let sums: [(rank: Int, part: WireStorage)]
  // The own slice of every rank's nodes in the tree's order; the own rank's lie in nodeBuffers.
  private let sources: [WireStorage]
  private let treeSum: TreeSum
  private let sum: WireStorage
  private let ownSum: WireStorage
  private let tags: (node: Int, sum: Int)
  private var stage = Stage.idle
  private var receiving: [any PendingOperation] = []
  private var sending: [any PendingOperation] = []

  private enum Stage {
    case idle
    case gathering
    case spreading
    case whole
  }

  /// How many buckets have tags of their own.
  static let bucketLimit = Tags.valid.count / 2

  init(_ layout: ReductionLayout, bucket: Int, communicator: any Communicator) {
    precondition(bucket < Self.bucketLimit, "more buckets than tags")
    let own = communicator.rank
    self.communicator = communicator
    elements = layout.buckets[bucket]
    tags = (node: 2 * bucket, sum: 2 * bucket + 1)
    let length = elements.count
    let ownSlice = layout.slice(ofRank: own, bucket: bucket)
    let depth = TreeStack.depth(of: layout.shards(ofRank: own))
    let format = layout.format
    let nodeBuffers = (0..<depth).map { _ in format.storage(length) }
    let sum = format.storage(length)
    let ownSum = format.part(of: sum, ownSlice)
    let peers = (0..<layout.ranks).filter { $0 != own }
    var incoming: [(rank: Int, part: WireStorage)] = []
    sources = layout.sources.map { source in
      guard source.rank != own else { return format.part(of: nodeBuffers[source.place], ownSlice) }
      let part = format.storage(ownSlice.count)
      if !ownSlice.isEmpty { incoming.append((source.rank, part)) }
      return part
    }
    self.incoming = incoming
    outgoing = peers.flatMap { peer in
      let slice = layout.slice(ofRank: peer, bucket: bucket)
      return slice.isEmpty
        ? [] : layout.nodes[own].indices.map { (peer, format.part(of: nodeBuffers[$0], slice)) }
    }
    messageBytes =
      outgoing.reduce(0) { $0 + $1.part.byteCount } + peers.count * ownSum.byteCount
    sums = peers.compactMap { peer in
      let slice = layout.slice(ofRank: peer, bucket: bucket)
      return slice.isEmpty ? nil : (peer, format.part(of: sum, slice))
    }
    arithmetic = layout.arithmetic(bucket: bucket, rank: own)
    treeSum = TreeSum(of: layout.sources.map(\.node), length: ownSlice.count, arithmetic)
    self.nodeBuffers = nodeBuffers
    self.sum = sum
    self.ownSum = ownSum
  }

  func launch() throws {
    precondition(stage == .idle, "the bucket is on its way already")
    receiving = try incoming.map {
      try communicator.start(.receive(from: $0.rank, tag: tags.node), on: $0.part)
    }
    let gathered = try sums.map {
      try communicator.start(.receive(from: $0.rank, tag: tags.sum), on: $0.part)
    }
    sending = try outgoing.map {
      try communicator.start(.send(to: $0.rank, tag: tags.node), on: $0.part)
    }
    // Taken from the end: first what was begun first, the nodes before the sums made of them.
    receiving = gathered.reversed() + receiving.reversed()
    stage = .gathering
  }

  func poll() throws -> Bool {
    if stage == .gathering, try isDown(to: sums.count) {
      treeSum.sum(sources, into: ownSum)
      if ownSum.byteCount > 0 {
        for peer in 0..<communicator.size where peer != communicator.rank {
          sending.append(try communicator.start(.send(to: peer, tag: tags.sum), on: ownSum))
        }
      }
      stage = .spreading
    }
    if stage == .spreading, try isDown(to: 0), try areSent() { stage = .whole }
    return stage == .whole
  }

  func finish(into sum: inout MutableSpan<Float>) {
    precondition(stage == .whole, "the sum is not whole")
    arithmetic.write(self.sum, to: &sum, at: elements.lowerBound)
    stage = .idle
  }

  /// Whether no more than `count` messages are still to come.
  private func isDown(to count: Int) throws -> Bool {
    while receiving.count > count, let last = receiving.last {
      guard try last.test() else { return false }
      receiving.removeLast()
    }
    return true
  }

  private func areSent() throws -> Bool {
    while let last = sending.last {
      guard try last.test() else { return false }
      sending.removeLast()
    }
    return true
  }
}
