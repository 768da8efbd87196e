// The typed collectives over spans: no allocation, no copy beyond what the operation is.
//
// `bytes` of a span is unsafe for types with padding or forbidden bit patterns; Wire types have
// neither.

extension Communicator {
  /// Copies the root's elements over every other rank's; equal lengths everywhere.
  public func broadcast<Element: Wire>(_ elements: inout MutableSpan<Element>, root: Int) throws {
    var bytes = unsafe elements.mutableBytes
    try broadcast(bytes: &bytes, root: root)
  }

  /// Combines the ranks' elements into the root's `result`, which may be empty elsewhere.
  public func reduce<Element: Wire>(
    _ elements: Span<Element>, into result: inout MutableSpan<Element>,
    by reduction: Reduction = .sum, root: Int
  ) throws {
    precondition(rank != root || result.count == elements.count, "result has another length")
    var output = unsafe result.mutableBytes
    try unsafe reduce(
      bytes: elements.bytes, into: &output, of: Element.wireType, by: reduction, root: root)
  }

  /// Combines the ranks' elements, in place, on every rank.
  public func allReduce<Element: Wire>(
    inPlace elements: inout MutableSpan<Element>, by reduction: Reduction = .sum
  ) throws {
    var bytes = unsafe elements.mutableBytes
    try allReduce(bytes: &bytes, of: Element.wireType, by: reduction)
  }

  /// Combines the ranks' elements into `result` on every rank.
  public func allReduce<Element: Wire>(
    _ elements: Span<Element>, into result: inout MutableSpan<Element>,
    by reduction: Reduction = .sum
  ) throws {
    precondition(result.count == elements.count, "result has another length")
    for index in elements.indices { result[index] = elements[index] }
    try allReduce(inPlace: &result, by: reduction)
  }

  /// Concatenates the ranks' elements on the root; `result` may be empty elsewhere.
  ///
  /// `counts` has each rank's number of elements, and is the same on every rank; `nil` if all have
  /// as many.
  public func gather<Element: Wire>(
    _ elements: Span<Element>, into result: inout MutableSpan<Element>, counts: [Int]? = nil,
    root: Int
  ) throws {
    let blocks = blocks(counts, orEqual: elements.count, of: Element.self)
    var output = unsafe result.mutableBytes
    precondition(blocks.length(of: rank) == elements.byteCount, "not as counts say")
    precondition(
      rank != root || output.byteCount == blocks.total(ranks: size), "result has another length")
    try unsafe gather(bytes: elements.bytes, into: &output, blocks: blocks, root: root)
  }

  /// Concatenates the ranks' elements on every rank.
  ///
  /// `counts` has each rank's number of elements, and is the same on every rank; `nil` if all have
  /// as many.
  public func allGather<Element: Wire>(
    _ elements: Span<Element>, into result: inout MutableSpan<Element>, counts: [Int]? = nil
  ) throws {
    let own = blocks(counts, orEqual: elements.count, of: Element.self).range(of: rank)
    precondition(own.count == elements.byteCount, "not as counts say")
    let start = own.lowerBound / MemoryLayout<Element>.stride
    for index in elements.indices { result[start + index] = elements[index] }
    try allGather(inPlace: &result, counts: counts)
  }

  /// Completes a concatenation of which every rank has filled in its own part.
  ///
  /// `counts` has each rank's number of elements, and is the same on every rank; `nil` if all have
  /// as many.
  public func allGather<Element: Wire>(
    inPlace elements: inout MutableSpan<Element>, counts: [Int]? = nil
  ) throws {
    let blocks = blocks(counts, orEqual: elements.count / size, of: Element.self)
    var bytes = unsafe elements.mutableBytes
    precondition(bytes.byteCount == blocks.total(ranks: size), "buffer has another length")
    try allGather(bytes: &bytes, blocks: blocks)
  }

  /// Deals the root's elements out; `elements` may be empty on other ranks.
  ///
  /// `counts` has each rank's number of elements, and is the same on every rank; `nil` if all have
  /// as many.
  public func scatter<Element: Wire>(
    _ elements: Span<Element>, counts: [Int]? = nil, into result: inout MutableSpan<Element>,
    root: Int
  ) throws {
    let blocks = blocks(counts, orEqual: result.count, of: Element.self)
    var output = unsafe result.mutableBytes
    precondition(blocks.length(of: rank) == output.byteCount, "not as counts say")
    precondition(
      rank != root || elements.byteCount == blocks.total(ranks: size),
      "the root's elements are not as many as counts say")
    try unsafe scatter(bytes: elements.bytes, into: &output, blocks: blocks, root: root)
  }

  /// Sends part r of `elements` to rank r and concatenates what comes from each rank.
  /// - Parameters:
  ///   - elements: The parts to send, in rank order.
  ///   - counts: The number of elements for each rank; `nil` if equal.
  ///   - result: The parts received, in rank order.
  ///   - received: The number of elements from each rank; `nil` if equal.
  /// - Throws: ``MPIError``.
  public func allToAll<Element: Wire>(
    _ elements: Span<Element>, counts: [Int]? = nil, into result: inout MutableSpan<Element>,
    received: [Int]? = nil
  ) throws {
    let outgoing = blocks(counts, orEqual: elements.count / size, of: Element.self)
    let incoming = blocks(received, orEqual: result.count / size, of: Element.self)
    var output = unsafe result.mutableBytes
    precondition(elements.byteCount == outgoing.total(ranks: size), "not as counts say")
    precondition(output.byteCount == incoming.total(ranks: size), "result has another length")
    precondition(
      outgoing.length(of: rank) == incoming.length(of: rank),
      "a rank's part for itself has two lengths")
    try unsafe allToAll(
      bytes: elements.bytes, blocks: outgoing, into: &output, received: incoming)
  }

  /// Sends elements to one rank; may return before they have arrived.
  public func send<Element: Wire>(
    _ elements: Span<Element>, to destination: Int, tag: Int = 0
  ) throws {
    try unsafe send(bytes: elements.bytes, to: destination, tag: tag)
  }

  /// Receives exactly `elements.count` elements from one rank.
  public func receive<Element: Wire>(
    into elements: inout MutableSpan<Element>, from source: Int, tag: Int = 0
  ) throws {
    var bytes = unsafe elements.mutableBytes
    try receive(bytes: &bytes, from: source, tag: tag)
  }

  /// Sends to one rank and receives from another (or the same) at once.
  public func sendReceive<Element: Wire>(
    _ elements: Span<Element>, to destination: Int, into result: inout MutableSpan<Element>,
    from source: Int, tag: Int = 0
  ) throws {
    var output = unsafe result.mutableBytes
    try unsafe sendReceive(
      bytes: elements.bytes, to: destination, into: &output, from: source, tag: tag)
  }

  private func blocks<Element: Wire>(
    _ counts: [Int]?, orEqual count: Int, of: Element.Type
  ) -> Blocks {
    let stride = MemoryLayout<Element>.stride
    return counts.map { Blocks($0, elementBytes: stride) }
      ?? Blocks(equal: count, elementBytes: stride)
  }
}

extension Span where Element: Wire {
  /// The length in bytes.
  fileprivate var byteCount: Int { count * MemoryLayout<Element>.stride }
}
