import Collective

extension Laws {
  static func checkCollectives(on world: any Communicator) throws {
    try expect((0..<world.size).contains(world.rank), "rank \(world.rank) of \(world.size)")
    for count in [0, 1, 3, 1500] {
      for root in 0..<world.size {
        try checkRooted(on: world, root: root, count: count)
      }
      try checkAll(on: world, count: count)
    }
    for type in WireType.allCases {
      switch type {
      case .float32: try checkReductions(of: Float.self, on: world)
      case .float64: try checkReductions(of: Double.self, on: world)
      case .int32: try checkReductions(of: Int32.self, on: world)
      case .int64: try checkReductions(of: Int64.self, on: world)
      case .uint8: try checkReductions(of: UInt8.self, on: world)
      case .uint32: try checkReductions(of: UInt32.self, on: world)
      case .uint64: try checkReductions(of: UInt64.self, on: world)
      }
    }
    try checkTexts(on: world)
  }

  /// Broadcast, gather and scatter with equal and unequal parts, from and to one root.
  private static func checkRooted(on world: any Communicator, root: Int, count: Int) throws {
    let isRoot = world.rank == root
    var copy: [Int64] = (0..<count).map { mark(world.rank, 0, $0) }
    var copySpan = copy.mutableSpan
    try world.broadcast(&copySpan, root: root)
    try expect(copy == (0..<count).map { mark(root, 0, $0) }, "broadcast of \(count) from \(root)")

    for counts in [nil, unequal(world.size, count)] {
      let lengths = counts ?? [Int](repeating: count, count: world.size)
      let whole: [Float] = lengths.indices.flatMap { peer in
        (0..<lengths[peer]).map { mark(peer, root, $0) }
      }
      let part: [Float] = (0..<lengths[world.rank]).map { mark(world.rank, root, $0) }

      var gathered = [Float](repeating: -1, count: isRoot ? whole.count : 0)
      var gatheredSpan = gathered.mutableSpan
      try world.gather(part.span, into: &gatheredSpan, counts: counts, root: root)
      if isRoot { try expect(gathered == whole, "gather of \(lengths) at \(root)") }

      var dealt = [Float](repeating: -1, count: part.count)
      var dealtSpan = dealt.mutableSpan
      let source = isRoot ? whole : []
      try world.scatter(source.span, counts: counts, into: &dealtSpan, root: root)
      try expect(dealt == part, "scatter of \(lengths) from \(root)")
    }
  }

  /// All-gather and all-to-all with equal and unequal parts.
  private static func checkAll(on world: any Communicator, count: Int) throws {
    for counts in [nil, unequal(world.size, count)] {
      let lengths = counts ?? [Int](repeating: count, count: world.size)
      let whole: [UInt8] = lengths.indices.flatMap { peer in
        (0..<lengths[peer]).map { mark(peer, 0, $0) }
      }
      let part: [UInt8] = (0..<lengths[world.rank]).map { mark(world.rank, 0, $0) }
      var gathered = [UInt8](repeating: 255, count: whole.count)
      var span = gathered.mutableSpan
      try world.allGather(part.span, into: &span, counts: counts)
      try expect(gathered == whole, "all-gather of \(lengths)")
    }

    var received = [Int32](repeating: -1, count: count * world.size)
    var span = received.mutableSpan
    let sent: [Int32] = (0..<world.size).flatMap { peer in
      (0..<count).map { mark(world.rank, peer, $0) }
    }
    try world.allToAll(sent.span, into: &span)
    let expected: [Int32] = (0..<world.size).flatMap { peer in
      (0..<count).map { mark(peer, world.rank, $0) }
    }
    try expect(received == expected, "all-to-all of \(count)")

    // From s to d: count + s elements, and none at all to the next rank.
    func length(_ source: Int, _ destination: Int) -> Int {
      destination == (source + 1) % world.size ? 0 : count + source
    }
    let outgoing = (0..<world.size).map { length(world.rank, $0) }
    let incoming = (0..<world.size).map { length($0, world.rank) }
    let uneven: [Double] = (0..<world.size).flatMap { peer in
      (0..<outgoing[peer]).map { mark(world.rank, peer, $0) }
    }
    var result = [Double](repeating: -1, count: incoming.reduce(0, +))
    var resultSpan = result.mutableSpan
    try world.allToAll(uneven.span, counts: outgoing, into: &resultSpan, received: incoming)
    let wanted: [Double] = (0..<world.size).flatMap { peer in
      (0..<incoming[peer]).map { mark(peer, world.rank, $0) }
    }
    try expect(result == wanted, "all-to-all of unequal parts around \(count)")
  }

  /// Sums, minima and maxima of small integers, which every type holds exactly.
  private static func checkReductions<Element: Wire & Numeric>(
    of: Element.Type, on world: any Communicator
  ) throws {
    func element(_ rank: Int, _ index: Int) -> Int { (rank * 5 + index * 3) % 11 }
    for count in [0, 1, 1200] {
      let own = (0..<count).map { Element(exactly: element(world.rank, $0)) ?? .zero }
      for reduction in Reduction.allCases {
        let expected = (0..<count).map { index -> Element in
          let all = (0..<world.size).map { element($0, index) }
          let value =
            switch reduction {
            case .sum: all.reduce(0, +)
            case .minimum: all.min() ?? 0
            case .maximum: all.max() ?? 0
            }
          return Element(exactly: value) ?? .zero
        }
        var inPlace = own
        var inPlaceSpan = inPlace.mutableSpan
        try world.allReduce(inPlace: &inPlaceSpan, by: reduction)
        try expect(inPlace == expected, "all-reduce in place, \(Element.self), \(reduction)")

        var apart = [Element](repeating: .zero, count: count)
        var apartSpan = apart.mutableSpan
        try world.allReduce(own.span, into: &apartSpan, by: reduction)
        try expect(apart == expected, "all-reduce, \(Element.self), \(reduction)")

        let root = count % world.size
        let untouched = [Element](repeating: Element(exactly: 99) ?? .zero, count: count)
        var rooted = untouched
        var rootedSpan = rooted.mutableSpan
        try world.reduce(own.span, into: &rootedSpan, by: reduction, root: root)
        try expect(
          rooted == (world.rank == root ? expected : untouched),
          "reduce to \(root), \(Element.self), \(reduction)")
      }
    }
    let greatest = try world.allReduce(Element(exactly: world.rank) ?? .zero, by: .maximum)
    try expect(greatest == Element(exactly: world.size - 1), "all-reduce of one value")
  }

  private static func checkTexts(on world: any Communicator) throws {
    func text(_ rank: Int) -> String { String(repeating: "é\(rank)", count: rank * 400) }
    for root in 0..<world.size {
      let texts = try world.gatherTexts(text(world.rank), root: root)
      try expect(
        texts == (world.rank == root ? (0..<world.size).map(text) : nil), "texts at \(root)")
      try expect(
        try world.broadcast(text(world.rank), root: root) == text(root), "text from \(root)")
    }
  }

  private static func unequal(_ ranks: Int, _ count: Int) -> [Int] {
    (0..<ranks).map { $0 % 3 == 1 ? 0 : count + $0 }
  }
}
