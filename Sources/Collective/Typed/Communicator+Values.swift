// The same collectives over values and arrays, where a result's allocation is no matter.

extension Communicator {
  /// The root's value, on every rank.
  public func broadcast<Element: Wire>(_ value: Element, root: Int) throws -> Element {
    var one = [value]
    var span = one.mutableSpan
    try broadcast(&span, root: root)
    return one[0]
  }

  /// The root's elements, on every rank, which need not know how many.
  public func broadcast<Element: Wire>(_ elements: [Element], root: Int) throws -> [Element] {
    let count = try broadcast(elements.count, root: root)
    var copy = rank == root ? elements : [Element](repeating: .zero, count: count)
    var span = copy.mutableSpan
    try broadcast(&span, root: root)
    return copy
  }

  /// The root's text, on every rank.
  public func broadcast(_ text: String, root: Int) throws -> String {
    String(decoding: try broadcast(Array(text.utf8), root: root), as: UTF8.self)
  }

  /// The ranks' values combined, on every rank.
  public func allReduce<Element: Wire>(
    _ value: Element, by reduction: Reduction = .sum
  ) throws -> Element {
    var one = [value]
    var span = one.mutableSpan
    try allReduce(inPlace: &span, by: reduction)
    return one[0]
  }

  /// The ranks' elements in rank order, on every rank; as many from each.
  public func allGather<Element: Wire>(_ elements: [Element]) throws -> [Element] {
    var result = [Element](repeating: .zero, count: elements.count * size)
    var span = result.mutableSpan
    try allGather(elements.span, into: &span)
    return result
  }

  /// Every rank's elements, each rank with as many as it likes: one array a rank, on the root.
  /// - Returns: The arrays in rank order; `nil` on other ranks.
  public func gatherArrays<Element: Wire>(
    _ elements: [Element], root: Int = 0
  ) throws -> [[Element]]? {
    let counts = try allGather([elements.count])
    let total = rank == root ? counts.reduce(0, +) : 0
    var flat = [Element](repeating: .zero, count: total)
    var span = flat.mutableSpan
    try gather(elements.span, into: &span, counts: counts, root: root)
    guard rank == root else { return nil }
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(flat[start..<(start + count)])
    }
  }

  /// Every rank's text, on the root.
  /// - Returns: The texts in rank order; `nil` on other ranks.
  public func gatherTexts(_ text: String, root: Int = 0) throws -> [String]? {
    try gatherArrays(Array(text.utf8), root: root)?.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Sends an array of any length, to be received by ``receiveArray(of:from:tag:)``.
  public func sendArray<Element: Wire>(
    _ elements: [Element], to destination: Int, tag: Int = 0
  ) throws {
    try send([elements.count].span, to: destination, tag: tag)
    try send(elements.span, to: destination, tag: tag)
  }

  /// Receives an array sent by ``sendArray(_:to:tag:)``.
  ///
  /// To take arrays as they come, ask ``probe(tag:)`` for the rank first.
  public func receiveArray<Element: Wire>(
    of: Element.Type = Element.self, from source: Int, tag: Int = 0
  ) throws -> [Element] {
    var count = [0]
    var header = count.mutableSpan
    try receive(into: &header, from: source, tag: tag)
    var elements = [Element](repeating: .zero, count: count[0])
    var span = elements.mutableSpan
    try receive(into: &span, from: source, tag: tag)
    return elements
  }
}
